import { createHash } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import ssh2, { type Connection, type ServerChannel, type ServerConfig } from "ssh2";

/** What a command does on the server. */
interface Reply {
  readonly stdout?: string | readonly string[] | Uint8Array;
  readonly stderr?: string;
  /** Default 0. */
  readonly code?: number;
  /** Ends by this signal instead. */
  readonly signal?: string;
}

export type Handler = (command: string, stdin: string, channel: ServerChannel) => Reply | Promise<Reply>;

export interface SshServerOptions {
  readonly password?: string;
  /** Public key in OpenSSH's format that may log in. */
  readonly publicKey?: string;
  /** Methods that are offered. Default: as ESXi, publickey and keyboard-interactive. */
  readonly methods?: readonly ("publickey" | "keyboard-interactive" | "password")[];
  /** What the keyboard-interactive dialogue asks, round by round. Default: a password, then a round without prompts. */
  readonly rounds?: readonly (readonly string[])[];
  /** Sessions at once. Default: any number. */
  readonly maxSessions?: number;
  readonly algorithms?: NonNullable<ServerConfig["algorithms"]>;
  /** Host keys to have. Default: one ECDSA key. */
  readonly hostKeys?: readonly ("ecdsa" | "rsa")[];
  readonly handler?: Handler;
  /** Default: a free one. */
  readonly port?: number;
  /** Connections to drop before the handshake, one after the other. */
  readonly drop?: number;
}

export interface SshServer {
  readonly port: number;
  /** SHA256 fingerprints of the host keys, in the order of `hostKeys`. */
  readonly fingerprints: readonly string[];
  /** known_hosts lines for 127.0.0.1 and this port. */
  readonly knownHosts: string;
  /** How often somebody tried which method, and how many connections and sessions there were. */
  readonly seen: {
    readonly attempts: string[];
    readonly commands: string[];
    /** To prompts, in their order. */
    readonly answers: string[];
    connections: number;
    open: number;
    mostOpen: number;
    refused: number;
  };
  /** Breaks all connections. */
  drop(): void;
  stop(): Promise<void>;
}

/** An SSH server on a free port of 127.0.0.1, with whatever behaviour a test needs. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const kinds = options.hostKeys ?? ["ecdsa"];
  const keys = kinds.map((kind) =>
    ssh2.utils.generateKeyPairSync(kind, { bits: kind === "rsa" ? 2048 : 256 }),
  );
  const seen: SshServer["seen"] = {
    attempts: [],
    commands: [],
    answers: [],
    connections: 0,
    open: 0,
    mostOpen: 0,
    refused: 0,
  };
  const connections = new Set<Connection>();
  const sockets = new Set<Socket>();
  const config: ServerConfig = {
    hostKeys: keys.map(({ private: key }) => key),
    ...(options.algorithms && { algorithms: options.algorithms }),
  };
  let drops = options.drop ?? 0;
  const server = new ssh2.Server(config, (client) => {
    seen.connections++;
    connections.add(client);
    client.on("error", () => {});
    client.once("close", () => connections.delete(client));
    authenticate(client, options, seen);
    client.on("ready", () => serveSessions(client, options, seen));
  });
  // The TCP server beneath: to drop connections before the handshake, and all of them at the end.
  const tcp: unknown = Reflect.get(server, "_srv");
  if (!(tcp instanceof Object) || !("prependListener" in tcp) || typeof tcp.prependListener !== "function") {
    throw new Error("ssh2 hides its TCP server elsewhere now.");
  }
  tcp.prependListener("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once("close", () => sockets.delete(socket));
    if (drops-- > 0) socket.destroy();
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const blobs = keys.map(({ public: text }) => text.split(" "));
  return {
    port,
    fingerprints: blobs.map(([, key]) => fingerprint(key ?? "")),
    knownHosts: blobs.map(([type, key]) => `[127.0.0.1]:${port} ${type} ${key}`).join("\n"),
    seen,
    drop: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function authenticate(client: Connection, options: SshServerOptions, seen: SshServer["seen"]): void {
  const methods = [...(options.methods ?? (["publickey", "keyboard-interactive"] as const))];
  client.on("authentication", (context) => {
    seen.attempts.push(context.method);
    if (!methods.some((method) => method === context.method)) return context.reject(methods);
    if (context.method === "password") {
      return context.password === options.password ? context.accept() : context.reject(methods);
    }
    if (context.method === "publickey") {
      const allowed = options.publicKey === undefined ? undefined : ssh2.utils.parseKey(options.publicKey);
      if (!allowed || allowed instanceof Error) return context.reject(methods);
      const same = allowed.getPublicSSH().equals(context.key.data);
      const signed =
        context.signature === undefined ||
        (context.blob !== undefined &&
          allowed.verify(context.blob, context.signature, context.hashAlgo) === true);
      return same && signed ? context.accept() : context.reject(methods);
    }
    if (context.method !== "keyboard-interactive") return context.reject(methods);
    const rounds = [...(options.rounds ?? [["Password: "], []])];
    const answers: string[] = [];
    const ask = (): void => {
      const round = rounds.shift();
      if (round === undefined) {
        if (answers[0] === options.password) context.accept();
        else context.reject(methods);
        return;
      }
      context.prompt(
        round.map((prompt) => ({ prompt, echo: false })),
        "",
        "",
        (given) => {
          answers.push(...given);
          seen.answers.push(...given);
          ask();
        },
      );
    };
    ask();
  });
}

function serveSessions(client: Connection, options: SshServerOptions, seen: SshServer["seen"]): void {
  let mine = 0;
  client.on("session", (accept, reject) => {
    if (mine >= (options.maxSessions ?? Number.POSITIVE_INFINITY)) {
      seen.refused++;
      return reject();
    }
    mine++;
    seen.open++;
    seen.mostOpen = Math.max(seen.mostOpen, seen.open);
    const session = accept();
    session.once("close", () => {
      mine--;
      seen.open--;
    });
    session.on("exec", (acceptExec, _reject, { command }) => {
      seen.commands.push(command);
      const channel = acceptExec();
      serve(channel, command, options.handler ?? (() => ({}))).catch((error) => {
        channel.stderr.write(String(error));
        channel.exit(99);
        channel.end();
      });
    });
  });
}

async function serve(channel: ServerChannel, command: string, handler: Handler): Promise<void> {
  const stdin: Buffer[] = [];
  for await (const chunk of channel) stdin.push(chunk as Buffer);
  const reply = await handler(command, Buffer.concat(stdin).toString("utf8"), channel);
  const { stdout } = reply;
  const parts =
    stdout === undefined
      ? []
      : typeof stdout === "string" || stdout instanceof Uint8Array
        ? [stdout]
        : stdout;
  for (const part of parts) channel.write(part);
  if (reply.stderr) channel.stderr.write(reply.stderr);
  if (reply.signal) channel.exit(reply.signal);
  else channel.exit(reply.code ?? 0);
  channel.end();
}

const fingerprint = (key: string) =>
  `SHA256:${createHash("sha256").update(Buffer.from(key, "base64")).digest("base64").replaceAll("=", "")}`;
