import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type SeedContent, seedIso } from "../../../provider/guest/seed-iso.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { readIso } from "../../support/iso-reader.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { readSeed } from "./cloud-init.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample alice";
const WEB = {
  hostname: "web.lab.local",
  interfaces: [{ addresses: ["fd00::17/64", "10.44.3.17/24"], gateway: "10.44.3.1" }, { dhcp4: true }],
  users: [{ name: "alice", password: "geheim {{ 1 }}", fullName: "Élodie: {{ 7*7 }}".replace(":", "") }],
  packages: ["nginx"],
};
const macAddresses = [undefined, "00:50:56:03:01:11"];

const filesOf = (seed: SeedContent) => readIso(seedIso(seed)).files;

test("cloud-init's data source NoCloud reads a seed", async (context) => {
  const files = filesOf({ guest: WEB, macAddresses, sshAuthorizedKeys: [KEY] });
  for (const read of await readSeed(context, files)) {
    expect(read).toMatchObject({
      found: true,
      hostname: "web",
      keys: [KEY],
      hasInstanceId: true,
      network: {
        version: 2,
        ethernets: {
          nic0: { match: { macaddress: "00:50:56:2c:03:11" }, addresses: ["fd00::17/64", "10.44.3.17/24"] },
          nic1: { match: { macaddress: "00:50:56:03:01:11" }, dhcp4: true },
        },
      },
      users: {
        alice: {
          gecos: "Élodie {{ 7*7 }}",
          hashed_passwd: expect.stringMatching(/^\$6\$/),
          lock_passwd: false,
        },
      },
    });
    expect(JSON.stringify(files)).not.toContain("geheim");
  }
});

test("a program's own user data goes before it, as it does for other guests", async (context) => {
  const files = filesOf({
    guest: { hostname: "web", packages: ["git"] },
    userData: { runcmd: ["true"] },
    metaData: { "instance-id": "web-2", region: "lab" },
    networkConfig: { version: 2, ethernets: { ens192: { dhcp4: true } } },
  });
  for (const read of await readSeed(context, files)) {
    expect(read).toMatchObject({
      userdata: '#cloud-config\n{"runcmd":["true"]}',
      vendordata: '#cloud-config\n{"packages":["git"]}',
      metadata: { "instance-id": "web-2", "local-hostname": "web", region: "lab" },
      network: { version: 2, ethernets: { ens192: { dhcp4: true } } },
    });
  }
});

test("a seed that says nothing is one, and the same content gives the same bytes", async (context) => {
  for (const read of await readSeed(context, filesOf({}))) expect(read).toMatchObject({ found: true });
  expect(seedIso({ guest: WEB, macAddresses })).toEqual(seedIso({ guest: WEB, macAddresses }));
  expect(seedIso({ guest: WEB, macAddresses }).byteLength).toBeLessThan(66_000);
});

test("isoinfo finds the label and the files of a seed", async (context) => {
  const isoinfo = await need(context, "TEST_ISOINFO");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const image = join(folder.path, "seed.iso");
  writeFileSync(image, seedIso({ guest: WEB, macAddresses }));
  const said = async (...args: string[]) => (await runCommand(isoinfo, [...args, "-i", image])).stdout;
  expect(await said("-d")).toMatch(/Volume id: cidata$/m);
  const names = (await said("-J", "-f")).split("\n").filter((line) => line !== "");
  expect(names.sort()).toEqual(["/meta-data", "/network-config", "/user-data"]);
  expect(JSON.parse(await said("-J", "-x", "/network-config"))).toMatchObject({ version: 2 });
});

test("an adapter of which nobody knows the MAC address is refused", () => {
  expect(() => seedIso({ guest: WEB })).toThrow(/guest\.interfaces\[1\] has no address.*macAddresses/);
});
