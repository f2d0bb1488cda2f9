/** The host's SSH server: listens while the service TSM-SSH runs, within the limits of ESXi's sshd. */
import { createServer, type Server as NetServer, type Socket } from "node:net";
import ssh2, { type Connection, type ServerChannel } from "ssh2";
import type { FaultRules } from "../faults/rules.ts";
import type { HostContext } from "../host-context.ts";
import type { RequestLog } from "../server/request-log.ts";
import { sleep } from "../server/wait.ts";
import type { HostFiles } from "../shell/files.ts";
import type { ShellCommand } from "../shell/invocation.ts";
import { readAll } from "../shell/io.ts";
import { Shell } from "../shell/shell.ts";
import { ALGORITHMS } from "./algorithms.ts";
import { authenticate } from "./authentication.ts";
import { channelIo, endChannel } from "./channel.ts";
import type { HostKey } from "./host-keys.ts";

export interface SshContext {
  readonly host: HostContext;
  readonly rules: FaultRules;
  readonly log: RequestLog;
  readonly latencyMs: number;
  readonly maxSessions: number;
  readonly files: HostFiles;
  readonly commands: ReadonlyMap<string, ShellCommand>;
  readonly hostKeys: readonly HostKey[];
  readonly authorizedKeys: () => Promise<string>;
}

/**
 * Limits for connections that have not logged in. From the first number on, new ones may be dropped. From the last on,
 * each is.
 */
const MAX_STARTUPS = { begin: 10, chance: 0.3, full: 100 };

export class SshServer {
  readonly #context: SshContext;
  readonly #server: InstanceType<typeof ssh2.Server>;
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<void>>();
  #listener: NetServer | undefined;
  #startups = 0;
  #dice = 1;

  constructor(context: SshContext) {
    this.#context = context;
    const hostKeys = context.hostKeys.map(({ privateKey }) => privateKey);
    this.#server = new ssh2.Server({ hostKeys, algorithms: ALGORITHMS, ident: "OpenSSH_9.1" });
    this.#server.on("connection", (connection) => this.#serve(connection));
  }

  /** The number of connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** @returns the port */
  async start(address: string, port: number): Promise<number> {
    const listener = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(port, address, resolve);
    });
    this.#listener = listener;
    const bound = listener.address();
    return typeof bound === "object" && bound !== null ? bound.port : port;
  }

  /** Accepts no more connections. Existing ones stay. */
  stop(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.close();
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.stop();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#running);
  }

  #accept(socket: Socket): void {
    if (this.#drops()) return void socket.destroy();
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    // As sshd does. Otherwise every small packet waits for the other side's delayed answer.
    socket.setNoDelay(true);
    this.#server.injectSocket(socket);
  }

  /** Random early drop: the probability grows with the number of waiting connections. */
  #drops(): boolean {
    const { begin, chance, full } = MAX_STARTUPS;
    if (this.#startups < begin) return false;
    if (this.#startups >= full) return true;
    this.#dice = (this.#dice * 48_271) % 0x7fff_ffff;
    return this.#dice / 0x7fff_ffff < chance + ((1 - chance) * (this.#startups - begin)) / (full - begin);
  }

  #serve(connection: Connection): void {
    const { host, log, rules, authorizedKeys } = this.#context;
    const entry = log.start("ssh.connect", "", "");
    const rule = rules.match("ssh.connect", "");
    entry.faultRule = rule !== undefined;
    let waits = true;
    this.#startups += 1;
    const settled = (): void => {
      if (waits) this.#startups -= 1;
      waits = false;
    };
    // Each running command listens for its end.
    connection.setMaxListeners(100);
    connection.on("error", () => connection.end());
    connection.on("close", () => {
      settled();
      log.end(entry, 0);
    });
    if (rule?.action === "disconnect") return void connection.end();
    if (rule?.action === "hang") return;
    authenticate(connection, { username: host.options.username, sessions: host.sessions, authorizedKeys });
    connection.on("ready", () => {
      settled();
      log.end(entry, 200);
    });
    // No forwarding is allowed.
    connection.on("tcpip", (_accept, reject) => reject());
    connection.on("openssh.streamlocal", (_accept, reject) => reject());
    connection.on("request", (_accept, reject) => reject?.());
    let sessions = 0;
    connection.on("session", (accept, reject) => {
      if (sessions >= this.#context.maxSessions) return reject();
      sessions += 1;
      const session = accept();
      session.on("close", () => {
        sessions -= 1;
      });
      session.on("pty", (acceptPty) => acceptPty?.());
      session.on("exec", (acceptExec, _reject, { command }) =>
        this.#track(this.#exec(connection, acceptExec(), command)),
      );
      session.on("shell", (acceptShell) => this.#track(this.#script(connection, acceptShell())));
    });
  }

  #track(work: Promise<void>): void {
    const done = work.catch(() => undefined).finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  /** A login shell without a terminal runs the commands on standard input. */
  async #script(connection: Connection, channel: ServerChannel): Promise<void> {
    const script = (await readAll(channelIo(connection, channel).stdin)).toString("utf8");
    await this.#exec(connection, channel, script);
  }

  async #exec(connection: Connection, channel: ServerChannel, command: string): Promise<void> {
    const { log, rules, latencyMs, files, commands } = this.#context;
    const io = channelIo(connection, channel);
    const entry = log.start("ssh.exec", command, "");
    await sleep(latencyMs);
    const rule = rules.match("ssh.exec", command);
    entry.faultRule = rule !== undefined;
    await sleep(rule?.delayMs ?? 0);
    await rule?.onWork?.("before");
    const action = rule?.action ?? "continue";
    if (action === "hang") return;
    const cut = action === "disconnect" ? rule?.atByte : undefined;
    if (action === "disconnect" && cut === undefined) {
      log.end(entry, 0);
      return void connection.end();
    }
    if (typeof action === "object" && "status" in action) {
      log.end(entry, action.status);
      await io.stdout(action.stdout ?? "");
      await io.stderr(action.stderr ?? "");
      return endChannel(channel, action.status);
    }
    // If the answer of a long task is to be lost, it is lost while the task is in progress.
    const hold = rule?.onTask && {
      hold: () => {
        if (action === "loseReply") connection.end();
        return rule.onTask?.();
      },
    };
    try {
      const stdin = cut === undefined ? io.stdin : cutAt(io.stdin, cut, () => connection.end());
      const status = await new Shell(files, commands).run(command, { ...io, stdin, taskRule: hold });
      await rule?.onWork?.("after");
      log.end(entry, io.signal.aborted ? 0 : status);
      if (action === "loseReply") connection.end();
      else endChannel(channel, status);
    } catch (error) {
      log.end(entry, 255);
      await Promise.resolve(
        io.stderr(`sh: ${error instanceof Error ? (error.stack ?? "") : String(error)}\n`),
      ).catch(() => undefined);
      endChannel(channel, 255);
    }
  }
}

/** Input with a limited number of bytes before the connection is cut. A reader sees an ordinary end. */
async function* cutAt(
  input: AsyncIterable<Uint8Array>,
  bytes: number,
  cut: () => void,
): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of input) {
    yield chunk.subarray(0, left);
    left -= chunk.byteLength;
    if (left <= 0) return cut();
  }
}
