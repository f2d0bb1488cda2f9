import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, type TestContext } from "vitest";
import type { Simulator } from "../../../simulator/index.ts";
import { findOnPath, runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { PASSWORD } from "../host/raw-client.ts";
import { startSshHost, userKey } from "./ssh-lab.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
  return () => folder.remove();
});

/** Runs OpenSSH's own client, which trusts the simulator's keys alone. */
async function ssh(context: TestContext, simulator: Simulator, options: readonly string[], command: string) {
  // The server's package brings the client along.
  await need(context, "TEST_SSHD");
  const client = findOnPath("ssh");
  expect(client).toBeDefined();
  const host = `[127.0.0.1]:${simulator.ssh?.port}`;
  const known = (simulator.ssh?.hostKeys ?? []).map((key) => `${host} ${key}\n`).join("");
  const askpass = await folder.write("askpass", `#!/bin/sh\necho '${PASSWORD}'\n`);
  await chmod(askpass, 0o700);
  const args = ["-F", "none", "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=INFO"];
  args.push("-o", `UserKnownHostsFile=${await folder.write("known_hosts", known)}`, ...options);
  args.push("-p", String(simulator.ssh?.port), "root@127.0.0.1", command);
  return await runCommand(client ?? "ssh", args, {
    env: { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force", SSH_AUTH_SOCK: undefined },
  });
}

describe("OpenSSH's client", () => {
  it("logs in with the password, and gets output, errors and exit status", async (context) => {
    const simulator = await startSshHost();
    const result = await ssh(context, simulator, [], "echo out; echo err >&2; exit 3");
    expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("is asked for the password, and then for nothing", async (context) => {
    const simulator = await startSshHost();
    const { code, stderr } = await ssh(context, simulator, ["-vv"], "true");
    expect(code).toBe(0);
    expect([...stderr.matchAll(/num_prompts (\d)/g)].map(([, count]) => count)).toEqual(["1", "0"]);
    expect(stderr).toMatch(/Authentications that can continue: publickey,keyboard-interactive\r?\n/);
  });

  it("logs in with an RSA key, over each kind of host key", async (context) => {
    const simulator = await startSshHost();
    const { privateKey, publicKey } = userKey("rsa");
    await simulator.ssh?.authorize(publicKey);
    const identity = join(folder.path, "id_rsa");
    await writeFile(identity, privateKey, { mode: 0o600 });
    for (const algorithm of ["ecdsa-sha2-nistp256", "rsa-sha2-512"]) {
      const options = ["-o", "BatchMode=yes", "-i", identity, "-o", `HostKeyAlgorithms=${algorithm}`];
      expect(
        await ssh(context, simulator, options, "ls /vmfs/volumes/datastore1/ && echo done"),
      ).toMatchObject({
        code: 0,
        stdout: "done\n",
      });
    }
  });

  it("is refused with an ed25519 host key wanted, and as another host", async (context) => {
    const simulator = await startSshHost();
    const options = ["-o", "HostKeyAlgorithms=ssh-ed25519"];
    const refused = await ssh(context, simulator, options, "true");
    expect(refused.code).toBe(255);
    expect(refused.stderr).toMatch(/no matching host key type/);
    const other = await ssh(context, simulator, ["-o", "HostKeyAlias=esxi2"], "true");
    expect(other.code).toBe(255);
    expect(other.stderr).toMatch(/host key is known for esxi2 and you have requested strict checking/i);
  });
});
