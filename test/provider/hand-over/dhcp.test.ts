import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dnsmasqDhcp, keaReservations } from "../../../provider/hand-over/index.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { CLASS } from "./class.ts";
import { startDnsmasq } from "./dnsmasq.ts";

test("dnsmasq knows a machine by its MAC address alone", () => {
  const lines = [
    "00:50:56:2c:03:11,id:*,10.44.3.17,alice,12h",
    "00:50:56:2c:03:12,id:*,10.44.3.18,desk-2,12h",
    "00:50:56:2c:03:13,id:*,10.44.3.19,carl,12h",
  ];
  expect(dnsmasqDhcp(CLASS)).toBe(`${lines.join("\n")}\n`);
  expect(dnsmasqDhcp(CLASS, { leaseTime: "infinite" })).toContain("alice,infinite\n");
  expect(dnsmasqDhcp([])).toBe("");
});

const ONE = { name: "one", address: "10.0.0.1", macAddress: "00:50:56:00:00:01" };
const TWO = { name: "two", address: "10.0.0.2", macAddress: "00:50:56:00:00:02" };

test.each([
  [[{ ...ONE, macAddress: undefined }], /"one" has no macAddress/],
  [[{ ...ONE, macAddress: "00-50-56-00-00-01" }], /which is not valid/],
  [[{ ...ONE, address: "fd00::1" }], /no IPv4 address/],
  [[{ ...ONE, hostname: "a.b" }], /"one" has the hostname "a\.b"/],
  [[ONE, { ...TWO, macAddress: ONE.macAddress }], /"one" and "two" have the same macAddress/],
  [[ONE, { ...TWO, address: ONE.address }], /"one" and "two" have the same address, 10\.0\.0\.1/],
])("%j is refused by both", (machines, message) => {
  expect(() => dnsmasqDhcp(machines)).toThrow(message);
  expect(() => keaReservations(machines)).toThrow(message);
});

test("what is no lease time is refused", () => {
  expect(() => dnsmasqDhcp(CLASS, { leaseTime: "12h,set:x" })).toThrow(/no lease time/);
});

test("dnsmasq takes every line", async (context) => {
  const dnsmasq = await startDnsmasq(context, (folder) => {
    const hosts = join(folder, "dhcp");
    mkdirSync(hosts);
    writeFileSync(join(hosts, "class"), dnsmasqDhcp(CLASS));
    return ["--port=0", "--dhcp-range=10.44.3.0,static", "--interface=lo", `--dhcp-hostsdir=${hosts}`];
  });
  expect(await dnsmasq.until(/read .*dhcp\/class/)).not.toMatch(/bad|duplicate|error/i);
});

test("Kea takes the reservations", async (context) => {
  const kea = await need(context, "TEST_KEA");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const reservations = join(folder.path, "lab.json");
  const config = join(folder.path, "kea.conf");
  const env = { ...process.env, KEA_LOCKFILE_DIR: folder.path, KEA_PIDFILE_DIR: folder.path };
  writeFileSync(
    config,
    `{"Dhcp4": {"interfaces-config": {"interfaces": []}, "lease-database": {"type": "memfile", "persist": false},
      "subnet4": [{"id": 1, "subnet": "10.44.3.0/24", "reservations": <?include "${reservations}"?>}]}}`,
  );
  const check = (text: string) => {
    writeFileSync(reservations, text);
    return runCommand(kea, ["-t", config], { env });
  };
  const taken = await check(keaReservations(CLASS));
  expect(taken.code, taken.stdout + taken.stderr).toBe(0);
  const elsewhere = await check(keaReservations(CLASS).replace("10.44.3.17", "10.99.0.1"));
  expect(elsewhere.code).not.toBe(0);
});
