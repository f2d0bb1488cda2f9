import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { temporaryFolder } from "./temporary-folder.ts";

export interface OpenSshOptions {
  /** The path of sshd: `await need(context, "TEST_SSHD")`. */
  readonly program: string;
  /** Default 10, as ESXi's; hardened hosts have 1. */
  readonly maxSessions?: number;
  /** Forwarding, for a jump host. Default: none, as ESXi. */
  readonly forwarding?: boolean;
}

export interface OpenSshServer {
  readonly port: number;
  /** A user of this machine that exists for as long as the server does. */
  readonly username: string;
  readonly password: string;
  /** An RSA key that may log in, and one of a kind that ESXi refuses. */
  readonly privateKey: string;
  readonly ed25519Key: string;
  /** known_hosts lines. */
  readonly knownHosts: string;
  readonly fingerprints: readonly string[];
  stop(): Promise<void>;
}

/** OpenSSH's own server on 127.0.0.1, set up as ESXi sets it up: its keys, algorithms, methods and limits. */
export async function startOpenSsh(options: OpenSshOptions): Promise<OpenSshServer> {
  const folder = await temporaryFolder();
  // sshd reads the list of keys as the user who logs in.
  await chmod(folder.path, 0o755);
  const username = `esxi-${randomBytes(4).toString("hex")}`;
  const password = randomBytes(12).toString("base64url");
  execFileSync("useradd", ["--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", username]);
  try {
    execFileSync("chpasswd", { input: `${username}:${password}\n` });
    // What sshd confines the unprivileged part of itself to; the package's service makes it.
    mkdirSync("/run/sshd", { recursive: true });
    const hostKeys = [
      makeKey(folder.path, "host_ecdsa", "ecdsa", "256"),
      makeKey(folder.path, "host_rsa", "rsa", "2048"),
    ];
    const user = makeKey(folder.path, "user_rsa", "rsa", "3072");
    const modern = makeKey(folder.path, "user_ed25519", "ed25519");
    const authorized = await folder.write("authorized_keys", `${user.publicKey}\n${modern.publicKey}\n`);
    const port = await freePort();
    const config = await folder.write(
      "sshd_config",
      configOf(
        options,
        port,
        hostKeys.map(({ path }) => path),
        authorized,
      ),
    );
    const child = spawn(options.program, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    await listening(child, port);
    return {
      port,
      username,
      password,
      privateKey: user.privateKey,
      ed25519Key: modern.privateKey,
      knownHosts: hostKeys.map(({ publicKey }) => `[127.0.0.1]:${port} ${publicKey}`).join("\n"),
      fingerprints: hostKeys.map(({ path }) => fingerprint(path)),
      stop: async () => {
        const exit = once(child, "exit");
        child.kill("SIGTERM");
        await exit;
        await removeUser(username);
        await folder.remove();
      },
    };
  } catch (error) {
    await removeUser(username);
    throw error;
  }
}

function configOf(
  { maxSessions = 10, forwarding = false }: OpenSshOptions,
  port: number,
  hostKeys: readonly string[],
  authorizedKeys: string,
): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    "PidFile none",
    ...hostKeys.map((path) => `HostKey ${path}`),
    "UsePAM yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication yes",
    "PubkeyAuthentication yes",
    "PermitRootLogin yes",
    "StrictModes no",
    `AuthorizedKeysFile ${authorizedKeys}`,
    "MaxStartups 10:30:100",
    `MaxSessions ${maxSessions}`,
    `AllowTcpForwarding ${forwarding ? "yes" : "no"}`,
    "PrintMotd no",
    "HostKeyAlgorithms ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256",
    "PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256",
    "KexAlgorithms ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512",
    "Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr",
    "MACs hmac-sha2-256,hmac-sha2-512",
    "",
  ].join("\n");
}

function makeKey(folder: string, name: string, type: string, bits?: string) {
  const path = join(folder, name);
  execFileSync("ssh-keygen", [
    "-q",
    "-t",
    type,
    ...(bits ? ["-b", bits] : []),
    "-N",
    "",
    "-f",
    path,
    "-C",
    "",
  ]);
  const read = (file: string) => execFileSync("cat", [file], { encoding: "utf8" });
  return { path, publicKey: read(`${path}.pub`).trim(), privateKey: read(path) };
}

const fingerprint = (path: string) =>
  execFileSync("ssh-keygen", ["-lf", `${path}.pub`], { encoding: "utf8" }).split(" ")[1] ?? "";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port to be had.");
  return address.port;
}

/** sshd does not say that it listens in a way that can be relied on: a connection does. */
async function listening(child: ChildProcess, port: number): Promise<void> {
  const said: string[] = [];
  child.stderr?.on("data", (chunk) => said.push(String(chunk)));
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said.join("")}`);
    const socket = connect(port, "127.0.0.1");
    const up = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (up) return;
    await setTimeout(25);
  }
  throw new Error(`sshd does not listen: ${said.join("")}`);
}

/** A process of the user that is still ending keeps it for a moment. */
async function removeUser(username: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      execFileSync("userdel", [username], { stdio: "ignore" });
      return;
    } catch (error) {
      if (tries === 40) throw error;
      await setTimeout(50);
    }
  }
}
