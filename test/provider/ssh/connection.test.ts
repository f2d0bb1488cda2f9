import { createServer } from "node:net";
import ssh2 from "ssh2";
import { afterEach, describe, expect, test } from "vitest";
import { CommandError } from "../../../provider/ssh/commands/command-error.ts";
import { SshConnection } from "../../../provider/ssh/connection.ts";
import { HostKeyError } from "../../../provider/ssh/host-key/host-key-error.ts";
import { SshLostError } from "../../../provider/ssh/ssh-lost-error.ts";
import type { SshSettings } from "../../../provider/ssh/ssh-settings.ts";
import { ed25519Key } from "../../support/ed25519-key.ts";
import {
  type Handler,
  type SshServer,
  type SshServerOptions,
  startSshServer,
} from "../../support/ssh-server.ts";

const PASSWORD = "correct horse";
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function server(options: SshServerOptions = {}): Promise<SshServer> {
  const started = await startSshServer({ password: PASSWORD, ...options });
  cleanUps.push(started.stop);
  return started;
}

function connect({ port, fingerprints }: SshServer, settings: Partial<SshSettings> = {}): SshConnection {
  const connection = new SshConnection({
    host: "127.0.0.1",
    port,
    username: "root",
    password: PASSWORD,
    hostKey: { fingerprints: [...fingerprints], knownHosts: "", trustOnFirstUse: false },
    ...settings,
  });
  cleanUps.push(() => connection.close());
  return connection;
}

const noKey = { fingerprints: [], knownHosts: "", trustOnFirstUse: false };
const echo: Handler = (command) => ({ stdout: command });

/** A promise that a test settles itself. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("commands", () => {
  test("arrive with every argument quoted, and bring output and input", async () => {
    const host = await server({
      handler: (command, stdin) => ({ stdout: `${command} < ${stdin}`, stderr: "note" }),
    });
    const result = await connect(host).exec(["echo", "it's", "$(id)"], { stdin: "in", toFile: "/a b" });
    expect(result.stdout).toBe("'echo' 'it'\\''s' '$(id)' > '/a b' < in");
    expect(result.stderr).toBe("note");
  });

  test("that end with another status than 0 fail with it and with what they said", async () => {
    const host = await server({ handler: () => ({ stdout: "out", stderr: "no such file\n", code: 7 }) });
    const failure = connect(host).exec(["cat", "/x"]);
    await expect(failure).rejects.toThrow(/`cat \/x` ended with status 7: no such file/);
    await expect(failure).rejects.toMatchObject({ exitCode: 7, stdout: "out" });
    await expect(failure).rejects.toBeInstanceOf(CommandError);
  });

  test("that a signal ends fail with its name", async () => {
    const host = await server({ handler: () => ({ signal: "KILL" }) });
    await expect(connect(host).exec(["sleep"])).rejects.toThrow(/by the signal (SIG)?KILL/);
  });

  test("bring their bytes as they are", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const host = await server({ handler: () => ({ stdout: bytes }) });
    expect(Buffer.from((await connect(host).exec(["cat"])).stdoutBytes).equals(bytes)).toBe(true);
  });

  test("show their output while they run", async () => {
    const shown = gate();
    const host = await server({
      handler: async (_command, _stdin, channel) => {
        channel.write("10%\r");
        await shown.opened;
        return { stdout: "100%" };
      },
    });
    const seen: string[] = [];
    const onStdout = (text: string) => {
      seen.push(text);
      shown.open();
    };
    await connect(host).exec(["work"], { onStdout });
    expect(seen.join("")).toBe("10%\r100%");
  });

  test("end with the signal's reason when they are aborted, and the connection goes on", async () => {
    const begun = gate();
    const host = await server({
      handler: async (command) => {
        if (!command.includes("long")) return {};
        begun.open();
        return new Promise(() => {});
      },
    });
    const connection = connect(host);
    const abort = new AbortController();
    const running = connection.exec(["long"], { signal: abort.signal });
    await begun.opened;
    abort.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await expect(connection.exec(["short"])).resolves.toBeDefined();
    expect(host.seen.connections).toBe(1);
    await expect(connection.exec(["short"], { signal: abort.signal })).rejects.toThrow("enough");
  });

  test("that write without end are ended", async () => {
    const host = await server({ handler: () => ({ stdout: new Uint8Array(17 * 1024 * 1024) }) });
    await expect(connect(host).exec(["yes"])).rejects.toThrow(/more than 16777216 bytes/);
  });
});

describe("one connection", () => {
  test("serves all that runs at once, within the cap", async () => {
    const all = gate();
    let running = 0;
    const host = await server({
      handler: async () => {
        running++;
        if (running === 3) all.open();
        await all.opened;
        return {};
      },
    });
    const connection = connect(host, { maxChannels: 3 });
    await Promise.all(Array.from({ length: 12 }, () => connection.exec(["work"])));
    expect(host.seen).toMatchObject({ connections: 1, mostOpen: 3, refused: 0 });
  });

  test.each([1, 4])("finds out by itself that the host allows %i sessions only", async (maxSessions) => {
    const host = await server({ maxSessions, handler: echo });
    const connection = connect(host);
    await Promise.all(Array.from({ length: 30 }, () => connection.exec(["work"])));
    expect(host.seen).toMatchObject({ connections: 1, mostOpen: maxSessions });
    expect(host.seen.commands).toHaveLength(30);
    const { refused } = host.seen;
    expect(refused).toBeGreaterThan(0);
    await Promise.all(Array.from({ length: 30 }, () => connection.exec(["again"])));
    expect(host.seen).toMatchObject({ connections: 1, mostOpen: maxSessions, refused });
  });

  test("is made anew after it was lost; the command that ran then fails", async () => {
    const begun = gate();
    const host = await server({
      handler: (command) => {
        if (!command.includes("long")) return {};
        begun.open();
        return new Promise(() => {});
      },
    });
    const connection = connect(host);
    const lost = connection.exec(["long"]);
    lost.catch(() => {});
    await begun.opened;
    host.drop();
    await expect(lost).rejects.toBeInstanceOf(SshLostError);
    await connection.exec(["short"]);
    expect(host.seen.connections).toBe(2);
  });

  test("is tried again when the host drops it before the handshake, as sshd does with many at once", async () => {
    const host = await server({ drop: 2, handler: echo });
    await connect(host).exec(["work"]);
    expect(host.seen.commands).toHaveLength(1);
  });

  test("says so when nothing listens", async () => {
    const unused = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => unused.once("listening", resolve));
    const address = unused.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => unused.close(resolve));
    const connection = new SshConnection({
      host: "127.0.0.1",
      port,
      username: "root",
      password: "x",
      hostKey: noKey,
    });
    const failure = connection.exec(["work"]);
    await expect(failure).rejects.toThrow(/nothing listens for SSH/);
  });

  test("ends when the host does not answer in time", async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    cleanUps.push(() => new Promise((resolve) => void silent.close(() => resolve())));
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const settings = {
      host: "127.0.0.1",
      port,
      username: "root",
      password: "x",
      hostKey: noKey,
      readyTimeoutMs: 200,
    };
    await expect(new SshConnection(settings).exec(["work"])).rejects.toThrow(/no SSH login within 0.2 s/);
  });

  test("closes what runs, and can be used again", async () => {
    const host = await server({ handler: echo });
    const connection = connect(host);
    await connection.exec(["one"]);
    await connection.close();
    await connection.exec(["two"]);
    expect(host.seen.connections).toBe(2);
  });
});

describe("logging in", () => {
  const pair = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
  const locked = ssh2.utils.generateKeyPairSync("ecdsa", {
    bits: 256,
    passphrase: "open",
    cipher: "aes256-cbc",
  });

  test("works with a key, which is tried before the password", async () => {
    const host = await server({ publicKey: pair.public });
    await connect(host, { privateKey: pair.private }).exec(["work"]);
    expect(host.seen.attempts).not.toContain("keyboard-interactive");
  });

  test("works with a key that has a passphrase, and says so when that is wrong", async () => {
    const host = await server({ publicKey: locked.public });
    await connect(host, { privateKey: locked.private, passphrase: "open" }).exec(["work"]);
    await expect(connect(host, { privateKey: locked.private }).exec(["work"])).rejects.toThrow(
      /key cannot be used/,
    );
    await expect(connect(host, { privateKey: "rubbish" }).exec(["work"])).rejects.toThrow(
      /key cannot be used/,
    );
  });

  test("goes on with the password when the host does not know the key", async () => {
    const host = await server();
    await connect(host, { privateKey: pair.private }).exec(["work"]);
    expect(host.seen.attempts.at(-1)).toBe("keyboard-interactive");
  });

  test.each([
    ["one prompt and a round without", [["Password: "], []]],
    ["a round without prompts first", [[], ["(root@esxi) Password:"]]],
  ])("answers %s", async (_, rounds) => {
    const host = await server({ rounds });
    await expect(connect(host).exec(["work"])).resolves.toBeDefined();
  });

  test("gives the password to nothing but a prompt for it", async () => {
    const host = await server({ rounds: [["One-time code: "]] });
    await expect(connect(host, { username: "other" }).exec(["work"])).rejects.toThrow(
      /asks "One-time code:"/,
    );
  });

  test.each([
    ["in a round of its own", [["Password: "], ["Password: "]]],
    ["in the same round", [["Password: ", "Password again: "]]],
  ])("gives the password once, and nothing to a second prompt for it %s", async (_, rounds) => {
    const host = await server({ rounds });
    await connect(host).exec(["work"]);
    expect(host.seen.answers).toEqual([PASSWORD, ""]);
  });

  test("tries a wrong password once, however many ask, in all connections of the process", async () => {
    const host = await server();
    const [one, two] = [connect(host, { password: "wrong" }), connect(host, { password: "wrong" })];
    const tries = [one, one, two].map((connection) => connection.exec(["work"]));
    const results = await Promise.allSettled(tries);
    for (const result of results) expect(result).toMatchObject({ status: "rejected" });
    await expect(one.exec(["work"])).rejects.toThrow(
      /failed: the host accepted none of: password.*five failures/,
    );
    await expect(two.exec(["work"])).rejects.toThrow(/five failures/);
    expect(
      host.seen.attempts.filter((method) => method === "keyboard-interactive").length,
    ).toBeLessThanOrEqual(2);
    const before = host.seen.attempts.length;
    await expect(connect(host, { password: "wrong" }).exec(["work"])).rejects.toThrow(/five failures/);
    expect(host.seen.attempts).toHaveLength(before);
  });

  test("tells nobody the password", async () => {
    const host = await server();
    const error = await connect(host, { password: "wrong secret" })
      .exec(["work"])
      .catch((failure: Error) => failure);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("wrong secret");
  });

  test("says what is missing when there is nothing to log in with", async () => {
    const host = await server();
    const connection = connect(host, { password: undefined });
    await expect(connection.exec(["work"])).rejects.toThrow(/no key, agent or password/);
    expect(host.seen.connections).toBe(0);
  });

  test("says that ESXi refuses ed25519 keys", async () => {
    const { private: privateKey } = ed25519Key();
    const host = await server();
    const connection = connect(host, { privateKey, password: undefined });
    await expect(connection.exec(["work"])).rejects.toThrow(/ed25519 keys: use RSA/);
  });
});

describe("the host's key", () => {
  test("is accepted by fingerprint, whatever key the host prefers", async () => {
    const host = await server({ hostKeys: ["ecdsa", "rsa"] });
    for (const fingerprint of host.fingerprints) {
      const hostKey = { ...noKey, fingerprints: [fingerprint] };
      await expect(connect(host, { hostKey }).exec(["work"])).resolves.toBeDefined();
    }
  });

  test("is accepted by known_hosts lines, and asked for by the type that they have", async () => {
    const host = await server({ hostKeys: ["ecdsa", "rsa"] });
    for (const line of host.knownHosts.split("\n")) {
      await expect(
        connect(host, { hostKey: { ...noKey, knownHosts: line } }).exec(["work"]),
      ).resolves.toBeDefined();
    }
    expect(host.seen.connections).toBe(2);
  });

  test("is refused when it is another, before anything is sent", async () => {
    const [host, other] = [await server(), await server()];
    for (const hostKey of [
      { ...noKey, fingerprints: [...other.fingerprints] },
      { ...noKey, knownHosts: other.knownHosts.replaceAll(`:${other.port}`, `:${host.port}`) },
      { ...noKey, fingerprints: [...other.fingerprints], trustOnFirstUse: true },
    ]) {
      const failure = connect(host, { hostKey }).exec(["work"]);
      await expect(failure).rejects.toBeInstanceOf(HostKeyError);
      await expect(failure).rejects.toThrow(
        `${host.fingerprints[0]}, but ${other.fingerprints[0]} is expected`,
      );
    }
    expect(host.seen.attempts).toEqual([]);
  });

  test("is refused when nothing says which it is, with the fingerprint to compare", async () => {
    const host = await server();
    await expect(connect(host, { hostKey: noKey }).exec(["work"])).rejects.toThrow(
      `It shows ${host.fingerprints[0]}`,
    );
    expect(host.seen.attempts).toEqual([]);
  });

  test("is refused when known_hosts says that it is revoked", async () => {
    const host = await server();
    const hostKey = { ...noKey, trustOnFirstUse: true, knownHosts: `@revoked ${host.knownHosts}` };
    await expect(connect(host, { hostKey }).exec(["work"])).rejects.toThrow(/revoked/);
  });

  test("is trusted on first use only where that was asked for, and said aloud once", async () => {
    const host = await server();
    const said: string[] = [];
    const settings = { hostKey: { ...noKey, trustOnFirstUse: true }, log: (line: string) => said.push(line) };
    await connect(host, settings).exec(["work"]);
    await connect(host, settings).exec(["work"]);
    expect(said).toEqual([
      `127.0.0.1:${host.port}: trusting the SSH host key ${host.fingerprints[0]} on first use, for this run only. ` +
        "Set it as sshHostKey to have it compared from now on.",
    ]);
  });
});

test("a key that was trusted on first use and has changed since is refused, before anything is sent", async () => {
  const first = await server();
  const settings = { hostKey: { ...noKey, trustOnFirstUse: true }, log: () => {} };
  await connect(first, settings).exec(["work"]);
  await first.stop();
  const second = await server({ port: first.port });
  const failure = connect(second, settings).exec(["work"]);
  await expect(failure).rejects.toBeInstanceOf(HostKeyError);
  await expect(failure).rejects.toThrow(
    `showed the SSH host key ${first.fingerprints[0]} before, and ${second.fingerprints[0]} now. Nothing was sent to it.`,
  );
  expect(second.seen.attempts).toEqual([]);
});

test("agrees on nothing weaker than what ESXi offers", async () => {
  const host = await server({ algorithms: { kex: ["diffie-hellman-group14-sha1"] } });
  await expect(connect(host).exec(["work"])).rejects.toThrow(/no matching key exchange/i);
});
