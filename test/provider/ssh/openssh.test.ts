import { chmod } from "node:fs/promises";
import { afterAll, afterEach, expect, type TestContext, test } from "vitest";
import { EsxiShell } from "../../../provider/ssh/commands/esxi-shell.ts";
import { SshConnection } from "../../../provider/ssh/connection.ts";
import type { SshHop, SshSettings } from "../../../provider/ssh/ssh-settings.ts";
import { type OpenSshOptions, type OpenSshServer, startOpenSsh } from "../../support/openssh-server.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const cleanUps: (() => Promise<void>)[] = [];
const never = new AbortController().signal;

const servers = new Map<string, Promise<OpenSshServer>>();

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

afterAll(async () => {
  await Promise.all([...servers.values()].map(async (server) => (await server).stop()));
});

/** One server of each kind serves all tests: making its keys takes longer than the tests. */
async function start(context: TestContext, options: Partial<OpenSshOptions> = {}): Promise<OpenSshServer> {
  const program = await need(context, "TEST_SSHD");
  const kind = JSON.stringify(options);
  const server = servers.get(kind) ?? startOpenSsh({ program, ...options });
  servers.set(kind, server);
  return server;
}

function hop(server: OpenSshServer): SshHop {
  return {
    host: "127.0.0.1",
    port: server.port,
    username: server.username,
    hostKey: { fingerprints: [], knownHosts: server.knownHosts, trustOnFirstUse: false },
  };
}

function connect(settings: SshSettings): SshConnection {
  const connection = new SshConnection(settings);
  cleanUps.push(() => connection.close());
  return connection;
}

test("OpenSSH set up as on ESXi lets us in by password, in its own dialogue", async (context) => {
  const server = await start(context);
  const { stdout } = await connect({ ...hop(server), password: server.password }).exec(["id", "-un"]);
  expect(stdout.trim()).toBe(server.username);
});

test("OpenSSH refuses a wrong password once, and is not asked again", async (context) => {
  const server = await start(context);
  const connection = connect({ ...hop(server), password: "wrong" });
  await expect(connection.exec(["id"])).rejects.toThrow(/the host accepted none of: password/);
  const again = Date.now();
  await expect(connection.exec(["id"])).rejects.toThrow(/the host accepted none of: password/);
  // OpenSSH delays the answer to a wrong password by about two seconds.
  expect(Date.now() - again).toBeLessThan(500);
});

test("OpenSSH lets us in by an RSA key, and not by an ed25519 key", async (context) => {
  const server = await start(context);
  await connect({ ...hop(server), privateKey: server.privateKey }).exec(["true"]);
  const modern = connect({ ...hop(server), privateKey: server.ed25519Key });
  await expect(modern.exec(["true"])).rejects.toThrow(/ed25519 keys: use RSA/);
});

test("OpenSSH's host keys are known by each of their fingerprints", async (context) => {
  const server = await start(context);
  for (const fingerprint of server.fingerprints) {
    const hostKey = { fingerprints: [fingerprint], knownHosts: "", trustOnFirstUse: false };
    await connect({ ...hop(server), hostKey, privateKey: server.privateKey }).exec(["true"]);
  }
});

for (const maxSessions of [1, 10]) {
  test(`forty commands at once share one connection to a host that allows ${maxSessions} sessions`, async (context) => {
    const server = await start(context, maxSessions === 10 ? {} : { maxSessions });
    const connection = connect({ ...hop(server), privateKey: server.privateKey, maxChannels: 16 });
    const numbers = Array.from({ length: 40 }, (_, index) => String(index));
    const results = await Promise.all(numbers.map((number) => connection.exec(["echo", number])));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(numbers);
  });
}

test("a host is reached through another one, which checks nobody else's key or password", async (context) => {
  const target = await start(context);
  const jump = await start(context, { forwarding: true });
  const connection = connect({
    ...hop(target),
    password: target.password,
    jump: { ...hop(jump), privateKey: jump.privateKey },
  });
  expect((await connection.exec(["id", "-un"])).stdout.trim()).toBe(target.username);
});

test("a jump host that may not forward is named", async (context) => {
  const target = await start(context);
  const connection = connect({
    ...hop(target),
    password: target.password,
    jump: { ...hop(target), privateKey: target.privateKey },
  });
  await expect(connection.exec(["id"])).rejects.toThrow(/jump host 127\.0\.0\.1 cannot reach 127\.0\.0\.1/);
});

test("the shell's files work with names that a shell would trip over", async (context) => {
  const server = await start(context);
  const folder = await temporaryFolder();
  cleanUps.push(folder.remove);
  const shell = new EsxiShell(connect({ ...hop(server), privateKey: server.privateKey }));
  await chmod(folder.path, 0o777);
  const nasty = `${folder.path}/it's $(id) "x" %25 Prüfung`;
  const content = Buffer.from([0, 255, 10, 39, 36]);
  expect(await shell.list(nasty, never)).toBeUndefined();
  await shell.makeFolder(nasty, never);
  await expect(shell.makeFolder(nasty, never)).rejects.toThrow(/File exists/);
  await shell.writeFile(`${nasty}/a b.vmx`, content, never);
  await shell.copyFile(`${nasty}/a b.vmx`, `${nasty}/-n`, never);
  expect((await shell.list(nasty, never))?.sort()).toEqual(["-n", "a b.vmx"]);
  expect(Buffer.from((await shell.readFile(`${nasty}/-n`, never)) ?? []).equals(content)).toBe(true);
  expect(await shell.readFile(`${nasty}/none`, never)).toBeUndefined();
  expect(await shell.removeFolder(nasty, never)).toBe(false);
  await shell.removeFiles([`${nasty}/-n`, `${nasty}/a b.vmx`, `${nasty}/none`], never);
  expect(await shell.removeFolder(nasty, never)).toBe(true);
  expect(await shell.removeFolder(nasty, never)).toBe(true);
});
