import { createHash } from "node:crypto";
import ssh2, { type AuthenticationType, type AuthHandlerMiddleware, type NextAuthHandler } from "ssh2";
import { SshError } from "./ssh-error.ts";
import { describeHop, type SshHop } from "./ssh-settings.ts";

/** Logins that hosts refused in this process. Five failures lock an account, so none is tried twice. */
const refused = new Map<string, SshError>();

/** One login. The means are tried in this order, each once: key, agent, password. */
export class Authentication {
  readonly #hop: SshHop;
  readonly #left: AuthenticationType[];
  readonly #key: string | undefined;
  readonly #tried: string[] = [];
  #answered = false;
  #offered: readonly string[] = [];
  #question: string | undefined;

  /** @throws SshError if there is nothing to log in with, the key cannot be used, or this was refused before. */
  constructor(hop: SshHop) {
    this.#hop = hop;
    const before = refused.get(digestOf(hop));
    if (before) throw before;
    this.#key = hop.privateKey === undefined ? undefined : usableKey(hop, hop.privateKey);
    this.#left = [
      ...(this.#key === undefined ? [] : (["publickey"] as const)),
      ...(hop.agent === undefined ? [] : (["agent"] as const)),
      // ESXi asks for the password in a dialogue. A jump host may accept it directly. Only one of the two is tried.
      ...(hop.password === undefined ? [] : (["keyboard-interactive", "password"] as const)),
    ];
    if (this.#left.length === 0) {
      throw new SshError(
        `${describeHop(hop)}: no key, agent or password to log in with over SSH. See the settings whose names begin with esxi:ssh.`,
      );
    }
  }

  /** Chooses the next means that the host offers and that has not been tried. */
  readonly next: AuthHandlerMiddleware = (offered, _partial, next) => {
    // The first call comes before the host has said what it offers. Asking for nothing makes the host say it.
    if (offered === null) return next("none");
    this.#offered = offered;
    while (this.#left.length > 0) {
      const type = this.#left.shift();
      const wireName = type === "agent" ? "publickey" : type;
      if (type === undefined || !offered.some((name) => name === wireName)) continue;
      if (type === "password" && this.#tried.includes("keyboard-interactive")) continue;
      this.#tried.push(type);
      return this.#start(type, next);
    }
    // This tells ssh2 that there is nothing more to try. Its types do not know the value.
    Reflect.apply(next, undefined, [false]);
  };

  /** The error when the host has refused everything. It is also remembered. */
  refusal(): SshError {
    const { username } = this.#hop;
    const means = this.#tried.map((type) => (type === "keyboard-interactive" ? "password" : type)).join(", ");
    const why =
      this.#question !== undefined
        ? `the host asks "${this.#question}", which cannot be answered here`
        : this.#tried.length === 0
          ? `the host offers ${this.#offered.join(", ") || "nothing"}, for which there are no credentials`
          : `the host accepted none of: ${means}`;
    const error = new SshError(
      `${describeHop(this.#hop)}: the SSH login of ${username} failed: ${why}. It is not tried again, because ` +
        `five failures lock an account.${this.#hint()}`,
    );
    if (this.#tried.length > 0) refused.set(digestOf(this.#hop), error);
    return error;
  }

  #start(type: AuthenticationType, next: NextAuthHandler): void {
    const { username } = this.#hop;
    if (type === "publickey" && this.#key !== undefined) {
      next({
        type,
        username,
        key: this.#key,
        ...(this.#hop.passphrase && { passphrase: this.#hop.passphrase }),
      });
    } else if (type === "agent" && this.#hop.agent !== undefined) {
      next({ type, username, agent: this.#hop.agent });
    } else if (type === "password") {
      next({ type, username, password: this.#hop.password ?? "" });
    } else {
      next({
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.map(({ prompt, echo }) => this.#answer(prompt, echo))),
      });
    }
  }

  /** The password for a prompt that asks for one. Empty for any other prompt, and only once. */
  #answer(prompt: string, echo: boolean | undefined): string {
    const asksForPassword =
      echo !== true && /password/i.test(prompt) && !/new|retype|current|old/i.test(prompt);
    if (!asksForPassword || this.#answered) {
      if (!asksForPassword) this.#question ??= prompt.trim();
      return "";
    }
    this.#answered = true;
    return this.#hop.password ?? "";
  }

  #hint(): string {
    const parsed = this.#key === undefined ? undefined : ssh2.utils.parseKey(this.#key, this.#hop.passphrase);
    const [key] = Array.isArray(parsed) ? parsed : [parsed];
    if (key instanceof Error || key?.type !== "ssh-ed25519") return "";
    return " ESXi refuses ed25519 keys: use RSA with 3072 bits, or ECDSA.";
  }
}

function usableKey(hop: SshHop, text: string): string {
  const parsed = ssh2.utils.parseKey(text, hop.passphrase);
  const [key] = Array.isArray(parsed) ? parsed : [parsed];
  if (key && !(key instanceof Error) && key.isPrivateKey()) return text;
  const reason = key instanceof Error ? key.message : "it is not a private key";
  throw new SshError(`${describeHop(hop)}: the SSH key cannot be used: ${reason}.`);
}

function digestOf({ host, port, username, password, privateKey, agent }: SshHop): string {
  const identity = [host, port, username, password ?? null, privateKey ?? null, agent ?? null];
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex");
}
