/** SSH on a simulated host: keys, shell and server, tied to the service TSM-SSH. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SshListen } from "../core/options.ts";
import type { HandlerTable } from "../handlers.ts";
import { parseListen } from "../server/listen.ts";
import { shellCommands } from "../shell/commands/index.ts";
import { HostFiles } from "../shell/files.ts";
import { HostAgent, type ShellHost } from "../shell/host-agent.ts";
import { loadHostKeys } from "./host-keys.ts";
import { type SshContext, SshServer } from "./ssh-server.ts";

const MAX_SESSIONS = 10;

export interface SimulatedSsh {
  readonly port: number;
  /** Who may log in. */
  readonly user: string;
  /** `SHA256:…` of the key that clients prefer, which is the ECDSA one. */
  readonly hostKeySha256: string;
  /** Every host key, as in `known_hosts` behind the host's name. */
  readonly hostKeys: readonly string[];
  /** Allows a key to log in: a line as in `authorized_keys`. */
  authorize(publicKey: string): Promise<void>;
  /** The present number of connections. */
  connections(): number;
}

export interface RunningSsh {
  readonly ssh: SimulatedSsh;
  close(): Promise<void>;
}

export async function startSsh(
  options: SshListen,
  context: Pick<SshContext, "rules" | "log" | "latencyMs"> & { readonly host: ShellHost },
  handlers: HandlerTable,
): Promise<RunningSsh> {
  const { host } = context;
  const files = new HostFiles(host, host.vms);
  await files.prepare();
  const keysFile = join(host.options.stateDir, "ramdisk/etc/ssh/keys-root/authorized_keys");
  const readKeys = (): Promise<string> => readFile(keysFile, "utf8").catch(() => "");
  const hostKeys = await loadHostKeys(host.options.stateDir);
  const commands = shellCommands(new HostAgent(host, handlers));
  const server = new SshServer({
    ...context,
    maxSessions: options.maxSessions ?? MAX_SESSIONS,
    files,
    commands,
    hostKeys,
    authorizedKeys: readKeys,
  });
  const [address, wanted] = parseListen(options.listen);
  const bind = async (): Promise<number> => {
    const known = wanted === 0 ? host.store.sshPort : wanted;
    const port = await server.start(address, known).catch(async (error: unknown) => {
      if (wanted !== 0 || known === 0) throw error;
      return await server.start(address, 0);
    });
    host.store.sshPort = port;
    return port;
  };
  const port = await bind();
  let listens = true;
  host.services.onChange("TSM-SSH", async (running) => {
    if (running && !listens) await bind();
    if (!running) server.stop();
    listens = running;
  });
  // The port is known only once the server has listened.
  await host.services.begin("TSM-SSH", options.running ?? true);
  return {
    ssh: {
      port,
      user: host.options.username,
      hostKeySha256: hostKeys[0].sha256,
      hostKeys: hostKeys.map(({ publicKey }) => publicKey),
      async authorize(publicKey) {
        await mkdir(dirname(keysFile), { recursive: true });
        await writeFile(keysFile, `${await readKeys()}${publicKey.trim()}\n`);
      },
      connections: () => server.connections,
    },
    close: () => server.close(),
  };
}
