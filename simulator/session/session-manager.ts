/** SessionManager: who is logged in. */
import { SESSION_MANAGER } from "../core/ids.ts";
import { userSession } from "../core/sessions.ts";
import { type Handlers, type Part, sessionOf } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { notSupported, VimFault } from "../soap/fault.ts";

export function sessionManager({ sessions }: HostContext): Part {
  const handlers: Handlers = {
    Login(call, { userName, password, locale }) {
      if (call.session !== undefined) throw invalidLogin();
      if (locale !== undefined && !/^en(_|$)/i.test(locale)) {
        throw new VimFault("InvalidLocale", `Unsupported locale ${locale}`);
      }
      if (!sessions.authenticate(userName, password)) throw invalidLogin();
      const session = sessions.open(call.client.address, call.client.userAgent);
      call.setCookie(session.cookie);
      return userSession(session);
    },

    Logout(call) {
      sessions.end(sessionOf(call));
    },

    SessionIsActive: (_call, { sessionID, userName }) =>
      sessions.list().some((session) => session.key === sessionID && session.userName === userName),

    AcquireGenericServiceTicket: () => {
      throw notSupported();
    },
  };
  return {
    objects: [
      {
        ref: SESSION_MANAGER,
        readers: {
          currentSession: ({ session }) => {
            const current = sessions.list().find((one) => one.key === session);
            return current && userSession(current);
          },
          sessionList: () => sessions.list().map(userSession),
          messageLocaleList: () => ["en"],
          supportedLocaleList: () => ["en"],
          defaultLocale: () => "en",
        },
      },
    ],
    handlers,
  };
}

function invalidLogin(): VimFault {
  return new VimFault("InvalidLogin", "Cannot complete login due to an incorrect user name or password.");
}
