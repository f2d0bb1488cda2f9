import { Resolver } from "node:dns/promises";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { dnsmasqHosts, type MachineRecord, nsupdateScript } from "../../../provider/hand-over/index.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { freePort } from "../../support/ports.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { ALICE, BOB, CARL, CLASS } from "./class.ts";
import { startDnsmasq, startServer } from "./dnsmasq.ts";

test("names stand beside their addresses, with the domain first", () => {
  expect(dnsmasqHosts([ALICE, BOB], { domain: "lab.example." })).toBe(
    "10.44.3.17 alice.lab.example alice\n10.44.3.18 desk-2.lab.example desk-2\n",
  );
  expect(dnsmasqHosts([ALICE])).toBe("10.44.3.17 alice\n");
});

test("an update takes a zone from what was to what is to be", () => {
  const options = { zone: "lab.example", server: "127.0.0.1", port: 5353, ttlSeconds: 60 };
  const script = nsupdateScript([ALICE, BOB], [{ ...BOB, address: "fd00::2" }, CARL], options);
  expect(script.split("\n")).toEqual([
    "server 127.0.0.1 5353",
    "zone lab.example.",
    'prereq yxrrset alice.lab.example. TXT "managed by pulumi-esxi-direct"',
    "update delete alice.lab.example.",
    "send",
    'prereq yxrrset desk-2.lab.example. TXT "managed by pulumi-esxi-direct"',
    "update delete desk-2.lab.example. A",
    "update delete desk-2.lab.example. AAAA",
    "update add desk-2.lab.example. 60 AAAA fd00::2",
    "send",
    "prereq nxdomain carl.lab.example.",
    "update add carl.lab.example. 60 A 10.44.3.19",
    'update add carl.lab.example. 60 TXT "managed by pulumi-esxi-direct"',
    "send",
    "",
  ]);
  expect(nsupdateScript(CLASS, CLASS, { zone: "lab.example" })).toBe("");
});

test.each([
  ["lab example", undefined, /no domain/],
  ["lab.example", "ns\nupdate delete x", /no server/],
])("the zone %j on %j is refused", (zone, server, message) => {
  expect(() => nsupdateScript([], CLASS, { zone, server })).toThrow(message);
});

test("dnsmasq answers by them", async (context) => {
  const port = await freePort();
  const dnsmasq = await startDnsmasq(context, (folder) => {
    const hosts = join(folder, "hosts");
    mkdirSync(hosts);
    writeFileSync(join(hosts, "class"), dnsmasqHosts(CLASS, { domain: "lab.example" }));
    return [`--port=${port}`, "--listen-address=127.0.0.1", `--hostsdir=${hosts}`];
  });
  await dnsmasq.until(/read .*hosts\/class/);
  expect(await resolver(port).resolve4("desk-2.lab.example")).toEqual(["10.44.3.18"]);
  expect(await resolver(port).reverse("10.44.3.17")).toEqual(["alice.lab.example"]);
});

/** A name server of the zone `lab.example`, which has somebody's `carl` already. */
async function startNamed(context: TestContext, allowed: string, further = "") {
  const named = await need(context, "TEST_NAMED");
  const nsupdate = await need(context, "TEST_NSUPDATE");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const port = await freePort();
  const write = (name: string, text: string) => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const records = ["@ SOA ns root 1 60 60 60 60", "@ NS ns", "ns A 127.0.0.1", "carl A 10.1.1.1"];
  write("zone", `$TTL 60\n${records.join("\n")}\n`);
  const config = write(
    "named.conf",
    `${further}
     options { directory "${folder.path}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
       pid-file none; session-keyfile none; dnssec-validation no; recursion no; notify no; };
     controls { };
     zone "lab.example" { type primary; file "zone"; allow-update { ${allowed}; }; };`,
  );
  await startServer(named, ["-g", "-4", "-n", "1", "-c", config]).until(/ running\n/);
  const update = (
    before: readonly MachineRecord[],
    machines: readonly MachineRecord[],
    args: string[] = [],
  ) => {
    const options = { zone: "lab.example", server: "127.0.0.1", port };
    return runCommand(nsupdate, [...args, write("update", nsupdateScript(before, machines, options))]);
  };
  return { dns: resolver(port), update, write };
}

test("a name server takes the updates, and keeps a name that is somebody else's", {
  timeout: 60_000,
}, async (context) => {
  const { dns, update: run } = await startNamed(context, "127.0.0.1");
  const update = async (...lists: [readonly MachineRecord[], readonly MachineRecord[]]) =>
    (await run(...lists)).code;
  expect(await update([], [ALICE, BOB])).toBe(0);
  expect(await dns.resolve4("desk-2.lab.example")).toEqual(["10.44.3.18"]);
  expect(await update([ALICE, BOB], [{ ...BOB, address: "10.44.3.99" }])).toBe(0);
  expect(await dns.resolve4("desk-2.lab.example")).toEqual(["10.44.3.99"]);
  await expect(dns.resolve4("alice.lab.example")).rejects.toMatchObject({ code: "ENOTFOUND" });
  expect(await update([], [CARL])).not.toBe(0);
  expect(await update([CARL], [])).not.toBe(0);
  expect(await dns.resolve4("carl.lab.example")).toEqual(["10.1.1.1"]);
});

test("a name server that wants a key (TSIG) takes the updates with it, and with no other and none", {
  timeout: 60_000,
}, async (context) => {
  const keyText = (secret: string) =>
    `key "lab" { algorithm hmac-sha256; secret "${Buffer.from(secret.repeat(32)).toString("base64")}"; };\n`;
  const { dns, update, write } = await startNamed(context, 'key "lab"', keyText("a"));
  const none = await update([], [ALICE]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("REFUSED")]);
  const wrong = await update([], [ALICE], ["-k", write("wrong.key", keyText("b"))]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/BADSIG|BADKEY|NOTAUTH/)]);
  await expect(dns.resolve4("alice.lab.example")).rejects.toMatchObject({ code: "ENOTFOUND" });
  const right = await update([], [ALICE], ["-k", write("right.key", keyText("a"))]);
  expect([right.code, right.stderr]).toEqual([0, ""]);
  expect(await dns.resolve4("alice.lab.example")).toEqual(["10.44.3.17"]);
});

function resolver(port: number): Resolver {
  const dns = new Resolver({ timeout: 5_000, tries: 3 });
  dns.setServers([`127.0.0.1:${port}`]);
  return dns;
}
