/** Logins: sessions with an idle time-out, and the lockout after failures, which the API and SSH share. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { UserSession } from "../../schema/index.ts";

export interface Session {
  /** Value of the cookie vmware_soap_session. */
  readonly cookie: string;
  /** Key of the UserSession. */
  readonly key: string;
  readonly userName: string;
  readonly loginTime: Date;
  lastActive: Date;
  callCount: number;
  readonly address: string;
  readonly userAgent: string;
}

export interface SessionOptions {
  readonly username: string;
  readonly password: string;
  readonly idleSeconds: number;
  /** Called with each session when it ends, for whatever reason. */
  readonly onEnd: (session: Session) => void;
}

const FAILURES_BEFORE_LOCKOUT = 5;
const LOCKOUT_MS = 900_000;

export class Sessions {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, Session>();
  #passwordDigest: Buffer;
  #failures = 0;
  #lockedUntil = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#passwordDigest = digest(options.password);
  }

  setPassword(password: string): void {
    this.#passwordDigest = digest(password);
    this.#failures = 0;
    this.#lockedUntil = 0;
  }

  /** True if the credentials are right and the account is not locked. Each failure counts towards the lockout. */
  authenticate(username: string, password: string): boolean {
    const locked = Date.now() < this.#lockedUntil;
    const right =
      username === this.#options.username && timingSafeEqual(digest(password), this.#passwordDigest);
    if (right && !locked) {
      this.#failures = 0;
      return true;
    }
    if (!locked) {
      this.#failures += 1;
      if (this.#failures >= FAILURES_BEFORE_LOCKOUT) {
        this.#lockedUntil = Date.now() + LOCKOUT_MS;
        this.#failures = 0;
      }
    }
    return false;
  }

  open(address: string, userAgent: string): Session {
    const now = new Date();
    const session: Session = {
      cookie: randomBytes(20).toString("hex"),
      key: `52${randomUUID().slice(2)}`,
      userName: this.#options.username,
      loginTime: now,
      lastActive: now,
      callCount: 0,
      address,
      userAgent,
    };
    this.#sessions.set(session.cookie, session);
    return session;
  }

  /** The live session of a Cookie header. The call counts as activity. */
  fromCookieHeader(header: string | undefined): Session | undefined {
    const cookie = /(?:^|;\s*)vmware_soap_session="?([^";]+)"?/.exec(header ?? "")?.[1];
    const session = cookie === undefined ? undefined : this.#sessions.get(cookie);
    if (session === undefined) return undefined;
    if (Date.now() - session.lastActive.getTime() > this.#options.idleSeconds * 1000) {
      this.end(session);
      return undefined;
    }
    session.lastActive = new Date();
    session.callCount += 1;
    return session;
  }

  /** True if an Authorization header has the right Basic credentials. */
  allowsBasic(header: string | undefined): boolean {
    const encoded = /^Basic\s+(\S+)$/i.exec(header ?? "")?.[1];
    if (encoded === undefined) return false;
    const text = Buffer.from(encoded, "base64").toString("utf8");
    const colon = text.indexOf(":");
    return colon > 0 && this.authenticate(text.slice(0, colon), text.slice(colon + 1));
  }

  end(session: Session): void {
    if (this.#sessions.delete(session.cookie)) this.#options.onEnd(session);
  }

  endAll(): void {
    for (const session of this.list()) this.end(session);
  }

  list(): readonly Session[] {
    return [...this.#sessions.values()];
  }
}

export function userSession(session: Session): UserSession {
  return {
    key: session.key,
    userName: session.userName,
    fullName: "Administrator",
    loginTime: session.loginTime.toISOString(),
    lastActiveTime: session.lastActive.toISOString(),
    locale: "en",
    messageLocale: "en",
    extensionSession: false,
    ipAddress: session.address,
    userAgent: session.userAgent,
    callCount: session.callCount,
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
