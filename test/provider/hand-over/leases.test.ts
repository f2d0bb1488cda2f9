/** Real leases: dnsmasq and a DHCP client, each in a network namespace of its own. */
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dnsmasqDhcp, type MachineRecord } from "../../../provider/hand-over/index.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { startDnsmasq } from "./dnsmasq.ts";

const ALICE = { name: "alice", address: "10.9.0.11", macAddress: "00:50:56:09:00:0b" };
const BOB = { name: "bob", address: "10.9.0.12", macAddress: "00:50:56:09:00:0c" };
/** What clones of an image that was booted once all say of themselves. */
const SHARED_ID = "ff00000001000100012345";

test("a machine gets its reservation whatever its clone says it is, a change with HUP, and none when it is gone", {
  timeout: 120_000,
}, async (context) => {
  const ip = await need(context, "TEST_NETNS");
  const udhcpc = await need(context, "TEST_UDHCPC");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const { server, client } = namespaces(ip);
  const script = join(folder.path, "told.sh");
  writeFileSync(script, '#!/bin/sh\necho "$1 $ip"\n');
  chmodSync(script, 0o755);

  let file = "";
  const write = (machines: readonly MachineRecord[]) => writeFileSync(file, dnsmasqDhcp(machines));
  const dnsmasq = await startDnsmasq(
    context,
    (own) => {
      file = join(own, "class");
      write([ALICE, BOB]);
      const range = ["--dhcp-range=10.9.0.0,static", "--dhcp-authoritative", "--no-ping"];
      return ["--port=0", "--interface=srv0", `--dhcp-hostsfile=${file}`, ...range];
    },
    [ip, "netns", "exec", server],
  );
  const readAgain = (times: number) => dnsmasq.until(new RegExp(`(?:read [^\\n]*/class[\\s\\S]*){${times}}`));
  await readAgain(1);

  const inClient = (...args: string[]) => execFileSync(ip, ["netns", "exec", client, ...args]);
  const lease = async (macAddress: string) => {
    inClient(ip, "link", "set", "cli0", "down");
    inClient(ip, "link", "set", "cli0", "address", macAddress);
    inClient(ip, "link", "set", "cli0", "up");
    const ask = [
      "-i",
      "cli0",
      "-s",
      script,
      "-q",
      "-n",
      "-f",
      "-t",
      "5",
      "-T",
      "1",
      "-x",
      `0x3d:${SHARED_ID}`,
    ];
    const { stdout } = await runCommand(ip, ["netns", "exec", client, udhcpc, ...ask]);
    return /^bound (.*)$/m.exec(stdout)?.[1];
  };
  expect(await lease(ALICE.macAddress)).toBe("10.9.0.11");
  expect(await lease(BOB.macAddress)).toBe("10.9.0.12");
  expect(await lease(ALICE.macAddress)).toBe("10.9.0.11");

  write([{ ...ALICE, address: "10.9.0.21" }]);
  dnsmasq.reload();
  await readAgain(2);
  expect(await lease(ALICE.macAddress)).toBe("10.9.0.21");
  expect(await lease(BOB.macAddress)).toBe(undefined);
  expect(await dnsmasq.until(/10\.9\.0\.21/)).not.toMatch(/\bbad\b|duplicate/i);
});

/** Two namespaces with a wire between them. */
function namespaces(ip: string): { server: string; client: string } {
  const [server, client] = ["srv", "cli"].map((name) => `lab-${name}-${process.pid}`) as [string, string];
  const run = (...args: string[]) => execFileSync(ip, args);
  for (const name of [server, client]) {
    run("netns", "add", name);
    onTestFinished(() => void run("netns", "del", name));
  }
  run("link", "add", "srv0", "netns", server, "type", "veth", "peer", "name", "cli0", "netns", client);
  run("-n", server, "addr", "add", "10.9.0.1/24", "dev", "srv0");
  run("-n", server, "link", "set", "srv0", "up");
  run("-n", server, "link", "set", "lo", "up");
  run("-n", client, "link", "set", "cli0", "up");
  return { server, client };
}
