import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { vendorData } from "../../../provider/guest/documents.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { RENDERERS, readByCloudInit, schemaSays } from "./cloud-init.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample alice";
const HASH = "$6$abcd$OuJN6ARmySMyqK/aKUv4bDNqTmBZookEk3rCk2oGZf69LALYfiNEp4Xl1h6rEGTWjFfGeRh.QUDiJCdWhKkvn/";

const WEB = {
  hostname: "web.lab.local",
  interfaces: [
    {
      addresses: ["10.44.3.17/24", "fd00::17/64"],
      gateway: "10.44.3.254",
      gateway6: "fd00::1",
      nameservers: ["10.44.3.254", "fd00::53"],
      search: ["lab.local"],
      routes: [{ to: "10.50.0.0/16", via: "10.44.3.2", metric: 200 }],
      mtu: 1400,
    },
    { dhcp4: true },
  ],
  users: [
    {
      name: "alice",
      fullName: 'Alice {{ 7*7 }} O\'Neil, "Al"',
      passwordHash: HASH,
      sshAuthorizedKeys: [KEY],
      admin: true,
      groups: ["adm", "docker"],
      shell: "/bin/bash",
    },
    { name: "bob" },
  ],
  timezone: "Europe/Paris",
  locale: "fr_FR.UTF-8",
  packages: ["nginx", "python3-pip"],
  waitOnNetwork: true,
  networkAtEveryBoot: true,
};
const ADAPTERS = [
  { network: "lab", macAddress: "00:50:56:2C:03:11" },
  { network: "lan", macAddress: "00:50:56:03:01:11" },
];

test("cloud-init finds host name, network, users and keys", async (context) => {
  const settings = {
    guest: WEB,
    networkInterfaces: ADAPTERS,
    sshAuthorizedKeys: [KEY],
    cloudInit: { userData: { runcmd: ["true"] }, metaData: { region: "lab" } },
  };
  for (const [read] of await readByCloudInit(context, [settings])) {
    expect(read).toMatchObject({
      found: true,
      hostname: "web",
      fqdn: "web.lab.local",
      keys: [KEY],
      hasInstanceId: false,
      userdata: '#cloud-config\n{"runcmd":["true"]}',
      metadata: { region: "lab", redact: ["vendordata"], "wait-on-network": { ipv4: true, ipv6: false } },
      network: { version: 2, ethernets: { nic0: { match: { macaddress: "00:50:56:2c:03:11" } }, nic1: {} } },
    });
    expect(read?.users).toMatchObject({
      debian: { default: true },
      alice: {
        gecos: 'Alice {{ 7*7 }} O\'Neil, "Al"',
        hashed_passwd: HASH,
        lock_passwd: false,
        ssh_authorized_keys: [KEY],
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        shell: "/bin/bash",
      },
      bob: { default: false },
    });
    expect(read?.vendordata).toContain('"ssh_pwauth":true');
  }
});

/** What the file of each renderer must say of the first interface, whatever its form. */
const SAYS = {
  netplan: [
    "macaddress: 00:50:56:2c:03:11",
    "10.44.3.17/24",
    "fd00::17/64",
    "via: 10.44.3.254",
    "gateway6: fd00::1",
  ],
  networkd: [
    "MACAddress=00:50:56:2c:03:11",
    "Address=10.44.3.17/24",
    "Address=fd00::17/64",
    "Gateway=10.44.3.254",
    "Gateway=fd00::1",
  ],
  eni: [
    "iface nic0 inet static",
    "address 10.44.3.17/24",
    "address fd00::17/64",
    "10.44.3.254",
    "gateway fd00::1",
  ],
  sysconfig: [
    "HWADDR=00:50:56:2c:03:11",
    "IPADDR=10.44.3.17",
    "IPV6ADDR=fd00::17/64",
    "10.44.3.254",
    "IPV6_DEFAULTGW=fd00::1",
  ],
  "network-manager": [
    "mac-address=00:50:56:2C:03:11",
    "10.44.3.17/24",
    "fd00::17/64",
    "10.44.3.254",
    "gateway=fd00::1",
  ],
};
/** What all of them say in one form or another. */
const EACH_SAYS = [
  /10\.50\.0\.0/,
  /10\.44\.3\.2\b/,
  /lab\.local/,
  /1400/,
  /dhcp|auto/i,
  /00:50:56:03:01:11|nic1/i,
];

test("all five renderers make the same of the network", async (context) => {
  const settings = { guest: WEB, networkInterfaces: ADAPTERS };
  for (const [read] of await readByCloudInit(context, [settings], { render: true })) {
    for (const renderer of RENDERERS) {
      const { text, errors } = read?.rendered?.[renderer] ?? { text: "", errors: "nothing" };
      expect(errors, renderer).not.toMatch(/error|traceback|invalid/i);
      for (const part of SAYS[renderer]) expect(text, renderer).toContain(part);
      for (const pattern of EACH_SAYS) expect(text, renderer).toMatch(pattern);
    }
  }
});

test("cloud-init's own schema takes the vendor data", async (context) => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "vendor-data");
  writeFileSync(file, vendorData(WEB) ?? "");
  for (const said of await schemaSays(context, file)) expect(said).toBe("");
  writeFileSync(file, "#cloud-config\nusers: 7\n");
  for (const said of await schemaSays(context, file)) expect(said).toMatch(/users/);
});

test("a guest that is told nothing but its name asks by DHCP, and has no vendor data", async (context) => {
  for (const [read] of await readByCloudInit(context, [{ guest: { hostname: "web" } }])) {
    expect(read).toMatchObject({ found: true, hostname: "web", network: "FALLBACK", vendordata: null });
    expect(Object.keys(read?.metadata ?? {})).not.toContain("redact");
  }
});
