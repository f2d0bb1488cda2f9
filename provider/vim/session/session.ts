import { createHash } from "node:crypto";
import { isFault, type VimFault } from "../faults.ts";

/** Who logs in where. */
export interface SessionIdentity {
  readonly origin: string;
  readonly username: string;
  readonly password: () => string;
}

/** Refused logins of this process. Five failures lock an account, so what was refused once is not tried again. */
const refused = new Map<string, VimFault>();

/** The login of one client: begun by whoever needs it first, shared by all, renewed once when it has expired. */
export class Session {
  readonly #identity: SessionIdentity;
  readonly #login: () => Promise<void>;
  #current: Promise<void> | undefined;
  #number = 0;

  constructor(identity: SessionIdentity, login: () => Promise<void>) {
    this.#identity = identity;
    this.#login = login;
  }

  /** How many logins there were. */
  get number(): number {
    return this.#number;
  }

  get active(): boolean {
    return this.#current !== undefined;
  }

  /** Resolves when logged in. Rejects with the host's fault, a remembered one if the password was refused before. */
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

  /** Logs in again, unless somebody has done so since the session of that number. */
  renew(expired: number): Promise<void> {
    if (expired === this.#number) this.#current = undefined;
    return this.ensure();
  }

  /** Forgets the session; the next call logs in anew. */
  end(): void {
    this.#current = undefined;
  }

  async #begin(): Promise<void> {
    const key = this.#key();
    try {
      const before = refused.get(key);
      if (before) throw before;
      // Counted before the login: whoever sees the old session expire meanwhile joins this login.
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
