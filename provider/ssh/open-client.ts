import type { Duplex } from "node:stream";
import ssh2, { type Client, type ConnectConfig } from "ssh2";
import { pauseFor } from "../pause.ts";
import { ESXI_HOST_KEY_TYPES, esxiAlgorithms } from "./algorithms.ts";
import { Authentication } from "./authentication.ts";
import { HostKeyCheck } from "./host-key/host-key.ts";
import { HostKeyError } from "./host-key/host-key-error.ts";
import { SshError } from "./ssh-error.ts";
import { describeHop, type SshHop } from "./ssh-settings.ts";

export interface OpenOptions {
  /** A stream to the host through another machine, opened again for each attempt. Undefined for a direct connection. */
  readonly through?: (() => Promise<Duplex>) | undefined;
  /** True for an ESXi host, false for a jump host. */
  readonly esxi: boolean;
  readonly readyTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly log: (line: string) => void;
}

/** sshd drops some connections if many begin at once (MaxStartups). Those are tried again. */
const DROPPED_ATTEMPTS = 5;
const DROPPED_PAUSE_MS = 300;

/**
 * Connects, checks the host's key, and logs in.
 *
 * @throws SshError without an answer or if the login is refused, HostKeyError before anything is sent.
 */
export async function openClient(hop: SshHop, options: OpenOptions): Promise<Client> {
  const check = new HostKeyCheck(hop);
  const families = familiesOf(check, options.esxi);
  let mismatch: HostKeyError | undefined;
  for (let family = 0, dropped = 0; ; ) {
    check.failure = undefined;
    try {
      return await connectOnce(hop, families[family], check, options);
    } catch (error) {
      if (error instanceof HostKeyError && check.mayHaveAnother && family + 1 < families.length) {
        // A fingerprint does not show the type of its key. The host may have the expected key as well.
        mismatch = error;
        family++;
      } else if (error instanceof DroppedError && dropped < DROPPED_ATTEMPTS) {
        dropped++;
        await pauseFor(DROPPED_PAUSE_MS * dropped * (0.5 + Math.random()));
      } else throw mismatch ?? error;
    }
  }
}

/** The connection ended before both sides had exchanged their versions. */
class DroppedError extends SshError {}

/** The types of host keys to ask for in one handshake. Undefined for the library's own choice. */
function familiesOf(check: HostKeyCheck, esxi: boolean): readonly (readonly string[] | undefined)[] {
  if (!esxi) return [undefined];
  const known = ESXI_HOST_KEY_TYPES.filter((type) => check.types.includes(type));
  if (known.length > 0) return [known];
  if (!check.mayHaveAnother) return [ESXI_HOST_KEY_TYPES];
  return [ESXI_HOST_KEY_TYPES.filter((type) => type !== "ssh-rsa"), ["ssh-rsa"]];
}

async function connectOnce(
  hop: SshHop,
  keyTypes: readonly string[] | undefined,
  check: HostKeyCheck,
  options: OpenOptions,
): Promise<Client> {
  const authentication = new Authentication(hop);
  const sock = await options.through?.();
  const config: ConnectConfig = {
    host: hop.host,
    port: hop.port,
    username: hop.username,
    readyTimeout: options.readyTimeoutMs,
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: 4,
    authHandler: authentication.next,
    hostVerifier: (key: Buffer) => check.accepts(key, options.log),
    ...(keyTypes && { algorithms: esxiAlgorithms(keyTypes) }),
    // ssh2 accepts any stream that can be read and written.
    ...(sock && { sock }),
  };
  const client = new ssh2.Client();
  // A connection whose error was handled may report further errors.
  client.on("error", () => {});
  return new Promise((resolve, reject) => {
    const fail = (error: Error & { level?: string; code?: unknown }) => {
      client.destroy();
      reject(check.failure ?? explain(hop, error, authentication, options));
    };
    client.once("error", fail);
    // A command is a few small packets in each direction. Without this, each waits for the other side's delayed answer.
    client.once("connect", () => client.setNoDelay(true));
    client.once("close", () => fail(new Error("the host closed the connection")));
    client.once("ready", () => {
      client.removeListener("error", fail);
      resolve(client);
    });
    try {
      client.connect(config);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function explain(
  hop: SshHop,
  error: Error & { level?: string; code?: unknown },
  authentication: Authentication,
  { readyTimeoutMs }: OpenOptions,
): SshError {
  const where = describeHop(hop);
  if (error instanceof SshError) return error;
  if (error.level === "client-authentication") return authentication.refusal();
  const cause = { cause: error };
  if (error.code === "ECONNREFUSED") {
    return new SshError(`${where}: nothing listens for SSH there. Is the host's SSH service running?`, cause);
  }
  if (error.level === "client-timeout") {
    return new SshError(`${where}: no SSH login within ${readyTimeoutMs / 1000} s.`, cause);
  }
  const message = `${where}: the SSH connection failed: ${error.message}.`;
  const early = error.code === "ECONNRESET" || /before handshake|closed the connection/.test(error.message);
  return early ? new DroppedError(message, cause) : new SshError(message, cause);
}
