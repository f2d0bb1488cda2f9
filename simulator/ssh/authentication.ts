/**
 * Who may log in: a key in authorized_keys, or the password by keyboard-interactive. Plain password authentication is
 * off.
 */
import ssh2, {
  type AuthContext,
  type AuthenticationType,
  type Connection,
  type PublicKeyAuthContext,
} from "ssh2";
import type { Sessions } from "../core/sessions.ts";
import { USER_KEYS } from "./algorithms.ts";

export interface Login {
  readonly username: string;
  /** Counts wrong passwords towards the lockout that SSH shares with the API. */
  readonly sessions: Sessions;
  /** Content of authorized_keys. */
  readonly authorizedKeys: () => Promise<string>;
}

const METHODS: AuthenticationType[] = ["publickey", "keyboard-interactive"];
const MAX_TRIES = 6;

export function authenticate(connection: Connection, login: Login): void {
  let tries = 0;
  const refuse = (context: AuthContext): void => {
    if (context.method !== "none") tries += 1;
    if (tries >= MAX_TRIES) connection.end();
    else context.reject(METHODS);
  };
  connection.on("authentication", (context) => {
    if (context.method === "publickey") {
      void isAuthorized(context, login).then((yes) => (yes ? context.accept() : refuse(context)));
    } else if (context.method === "keyboard-interactive") {
      context.prompt([{ prompt: "Password: ", echo: false }], (answers) => {
        if (!login.sessions.authenticate(context.username, answers[0] ?? "")) return refuse(context);
        // PAM has one more round, in which it asks nothing.
        context.prompt([], () => context.accept());
      });
    } else refuse(context);
  });
}

async function isAuthorized(context: PublicKeyAuthContext, login: Login): Promise<boolean> {
  if (context.username !== login.username || !USER_KEYS.has(context.key.algo)) return false;
  // A signature with SHA-1 does not count.
  if (context.key.algo === "ssh-rsa" && context.hashAlgo === undefined) return false;
  for (const line of (await login.authorizedKeys()).split("\n")) {
    const key = ssh2.utils.parseKey(line.trim());
    if (key instanceof Error || !key.getPublicSSH().equals(context.key.data)) continue;
    if (context.signature === undefined || context.blob === undefined) return true;
    return key.verify(context.blob, context.signature, context.hashAlgo) === true;
  }
  return false;
}
