import { createHash } from "node:crypto";
import { isFault, type VimFault } from "../faults.ts";

/** The user and the host of a login. */
export interface SessionIdentity {
  readonly origin: string;
  readonly username: string;
  readonly password: () => string;
}

/** Refused logins of this process. Five failures lock an account, so a refused login is not tried again. */
const refused = new Map<string, VimFault>();

/**
 * The login of one client. The first call that needs it begins it, all share it, and it is renewed once when it has
 * expired.
 */
export class Session {
  readonly #identity: SessionIdentity;
  readonly #login: () => Promise<void>;
  #current: Promise<void> | undefined;
  #number = 0;

  constructor(identity: SessionIdentity, login: () => Promise<void>) {
    this.#identity = identity;
    this.#login = login;
  }

  /** The number of logins. */
  get number(): number {
    return this.#number;
  }

  get active(): boolean {
    return this.#current !== undefined;
  }

  /**
   * Resolves when logged in. Rejects with the host's fault, or with the remembered one if the password was refused
   * before.
   */
  ensure(): Promise<void> {
    const login = this.#current ?? this.#begin();
    if (login !== this.#current) {
      this.#current = login;
      login.catch(() => {
        if (this.#current === login) this.#current = undefined;
      });
    }
    return login;
  }

  /** Logs in again, unless that has been done since the session with that number. */
  renew(expired: number): Promise<void> {
    if (expired === this.#number) this.#current = undefined;
    return this.ensure();
  }

  /** Forgets the session. The next call logs in again. */
  end(): void {
    this.#current = undefined;
  }

  async #begin(): Promise<void> {
    const key = this.#key();
    try {
      const before = refused.get(key);
      if (before) throw before;
      // Counted before the login, so that a call that sees the old session expire meanwhile joins this login.
      this.#number++;
      await this.#login();
    } catch (error) {
      if (isFault(error, "InvalidLogin")) refused.set(key, error);
      throw error;
    }
  }

  #key(): string {
    const { origin, username, password } = this.#identity;
    return createHash("sha256")
      .update(JSON.stringify([origin, username, password()]))
      .digest("hex");
  }
}
