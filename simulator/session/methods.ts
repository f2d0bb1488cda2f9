/** ServiceInstance and SessionManager. */
import { serviceContent } from "../core/about.ts";
import { userSession } from "../core/sessions.ts";
import type { Host } from "../host/host.ts";
import { VimFault } from "../soap/fault.ts";
import { type Handlers, sessionOf } from "../soap/handlers.ts";

function invalidLogin(): VimFault {
  return new VimFault("InvalidLogin", "Cannot complete login due to an incorrect user name or password.");
}

export function sessionHandlers(host: Host): Handlers {
  return {
    RetrieveServiceContent: () => serviceContent(host.about),
    CurrentTime: () => new Date().toISOString(),

    Login(call, { userName, password, locale }) {
      if (call.session !== undefined) throw invalidLogin();
      if (locale !== undefined && !/^en(_|$)/i.test(locale)) {
        throw new VimFault("InvalidLocale", `Unsupported locale ${locale}`);
      }
      if (!host.sessions.authenticate(userName, password)) throw invalidLogin();
      const session = host.sessions.open(call.client.address, call.client.userAgent);
      call.setCookie(session.cookie);
      return userSession(session);
    },

    Logout(call) {
      host.sessions.end(sessionOf(call));
    },

    SessionIsActive: (_call, { sessionID, userName }) =>
      host.sessions.list().some((session) => session.key === sessionID && session.userName === userName),

    AcquireGenericServiceTicket: () => {
      throw new VimFault("NotSupported", "The operation is not supported on the object.");
    },
  };
}
