import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sshConfig } from "../../../provider/hand-over/index.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { CLASS } from "./class.ts";

test("a machine is a host with what is given, and nothing else", () => {
  expect(sshConfig([{ name: "a", address: "fd00::1" }])).toBe(
    ["Host a", "  HostName fd00::1", "  HostKeyAlias a", "  StrictHostKeyChecking accept-new", ""].join("\n"),
  );
});

test.each([
  [[{ name: "bob smith", address: "10.0.0.1" }], {}, /"bob smith" has a name/],
  [[{ name: "carl*", address: "10.0.0.1" }], {}, /"carl\*" has a name/],
  [[{ name: "a", address: "10.0.0.1", login: "x\nProxyCommand y" }], {}, /which such a file cannot hold/],
  [[{ name: "a" }], {}, /"a" has no address/],
  [CLASS, { identityFile: 'x"\nProxyCommand y' }, /no path/],
  [CLASS, { jump: "gate\nProxyCommand y" }, /no machine to jump over/],
])("%j with %j is refused", (machines, options, message) => {
  expect(() => sshConfig(machines, options)).toThrow(message);
});

test("OpenSSH takes each value as it is meant", async (context) => {
  const ssh = await need(context, "TEST_SSH");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "config");
  const options = { identityFile: "/keys/100% mine", knownHostsFile: "/lab/known hosts" };
  writeFileSync(file, sshConfig(CLASS, { ...options, jump: "me@gate.example:2222" }));
  const asked = async (name: string) => {
    const { code, stdout, stderr } = await runCommand(ssh, ["-G", "-F", file, name]);
    expect(code, stderr).toBe(0);
    return stdout.split("\n");
  };
  const alice = await asked("alice");
  const lines = [
    "hostname 10.44.3.17",
    "user limosadm",
    "hostkeyalias alice",
    "proxyjump me@gate.example:2222",
  ];
  expect(alice).toEqual(
    expect.arrayContaining([...lines, "stricthostkeychecking accept-new", "identitiesonly yes"]),
  );
  expect(alice.find((line) => line.startsWith("userknownhostsfile "))).toContain("/lab/known hosts");
  expect(alice.find((line) => line.startsWith("identityfile "))).toMatch(/\/keys\/100%{1,2} mine/);
  expect(await asked("bob")).toContain("hostname 10.44.3.18");
  expect(await asked("other")).toContain("hostname other");
});
