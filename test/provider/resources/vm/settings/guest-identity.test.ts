import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import type { guestKeys } from "../../../../../provider/resources/vm/settings/guest.ts";
import { draws } from "../../../../support/draws.ts";
import { readByCloudInit } from "../../../guest/cloud-init.ts";
import { offlineCheck } from "../../offline-check.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample alice";
const LAB = [{ network: "lab" }];
const check = (settings: Properties) => offlineCheck(scratchVm, settings);
const onLab = (one: Properties) => ({ networkInterfaces: LAB, guest: { interfaces: [one] } });
const alice = (more: Properties) => ({ guest: { users: [{ name: "alice", ...more }] } });

describe("an adapter of the guest", () => {
  test("with an address gets its MAC address from it, known before there is anything", async () => {
    const { inputs, failures } = await check(onLab({ addresses: ["fd00::17/64", "10.44.3.17/24"] }));
    expect(failures).toEqual([]);
    expect(inputs.networkInterfaces).toEqual([{ network: "lab", macAddress: "00:50:56:2c:03:11" }]);
  });

  test("keeps the MAC address that the program gives", async () => {
    const macAddress = "02:00:00:00:00:07";
    const { inputs } = await check({
      networkInterfaces: [{ network: "lab", macAddress }],
      guest: { interfaces: [{ addresses: ["10.44.3.17/24"] }] },
    });
    expect(inputs.networkInterfaces).toEqual([{ network: "lab", macAddress }]);
  });

  test("has a MAC address that a preview does not know, as long as it does not know the address", async () => {
    const { inputs, failures } = await check(onLab({ addresses: [UNKNOWN] }));
    expect(failures).toEqual([]);
    expect(inputs.networkInterfaces).toEqual([{ network: "lab", macAddress: UNKNOWN }]);
  });

  test("without an address needs a MAC address from the program", async () => {
    const { failures } = await check(onLab({ dhcp4: true }));
    expect(failures).toEqual([
      expect.stringMatching(/^networkInterfaces\.0\.macAddress: is needed.*macOf makes one of any address/),
    ]);
  });
});

describe("what is told at preview", () => {
  test.each<[string, Properties, RegExp]>([
    ["guest.hostname", { guest: { hostname: "web_1" } }, /letters, digits/],
    ["guest.hostname", { guest: { hostname: "a".repeat(64) } }, /at most 63/],
    ["guest.hostname", { guest: { hostname: "-web" } }, /letters, digits/],
    ["guest.hostname", { guest: { hostname: "web\nroot" } }, /letters, digits/],
    ["guest.hostname", { guest: { hostname: "{{ lookup }}" } }, /letters, digits/],
    [
      "guest.interfaces",
      { guest: { interfaces: [{}] } },
      /as many entries as networkInterfaces, which is not given/,
    ],
    ["guest.interfaces", { guest: { interfaces: [{}, {}] }, networkInterfaces: LAB }, /which has 1/],
    ["guest.interfaces.0.addresses.0", onLab({ addresses: ["10.44.3.17"] }), /its prefix length/],
    ["guest.interfaces.0.addresses.0", onLab({ addresses: ["10.44.3.0/24"] }), /address of a network/],
    ["guest.interfaces.0.addresses.0", onLab({ addresses: ["10.44.3.255/24"] }), /address of a network/],
    ["guest.interfaces.0.addresses.0", onLab({ addresses: ["224.0.0.1/24"] }), /one machine/],
    ["guest.interfaces.0.addresses.1", onLab({ addresses: ["fd00::1/64", "fd00:0::1/64"] }), /is also/],
    [
      "guest.interfaces.0.gateway",
      onLab({ addresses: ["10.44.3.17/24"], gateway: "10.44.4.1" }),
      /must be in/,
    ],
    [
      "guest.interfaces.0.gateway",
      onLab({ addresses: ["10.44.3.17/24"], gateway: "fd00::1" }),
      /an IPv4 address/,
    ],
    ["guest.interfaces.0.gateway6", onLab({ addresses: ["fd00::2/64"], gateway6: "fd01::1" }), /must be in/],
    [
      "guest.interfaces.0.dhcp4",
      onLab({ addresses: ["10.44.3.17/24"], dhcp4: true }),
      /together with addresses/,
    ],
    ["guest.interfaces.0.mtu", onLab({ addresses: ["fd00::2/64"], mtu: 1000 }), /at least 1280/],
    [
      "guest.interfaces.0.routes.0.to",
      onLab({ addresses: ["10.44.3.17/24"], routes: [{ to: "default", via: "10.44.3.1" }] }),
      /Use gateway for it/,
    ],
    [
      "guest.interfaces.0.routes.0.to",
      onLab({ addresses: ["fd00::2/64"], routes: [{ to: "::/0", via: "fd00::1" }] }),
      /gateway6/,
    ],
    [
      "guest.interfaces.0.routes.0.via",
      onLab({ addresses: ["10.44.3.17/24"], routes: [{ to: "10.0.0.0/8", via: "10.99.0.1" }] }),
      /must be in/,
    ],
    [
      "guest.interfaces.0.routes.0.via",
      onLab({ addresses: ["10.44.3.17/24"], routes: [{ to: "fd00::/8", via: "10.44.3.1" }] }),
      /same kind/,
    ],
    [
      "guest.interfaces.1.name",
      {
        networkInterfaces: [...LAB, ...LAB],
        guest: { interfaces: [{ addresses: ["10.0.0.1/8"], name: "nic1" }, { addresses: ["10.0.0.2/8"] }] },
      },
      /is also that of guest\.interfaces\.0/,
    ],
    ["guest.users.0.name", { guest: { users: [{ name: "Élodie" }] } }, /small letters/],
    ["guest.users.0.name", { guest: { users: [{ name: "default" }] } }, /image's own user/],
    ["guest.users.1.name", { guest: { users: [{ name: "bob" }, { name: "bob" }] } }, /is also that of/],
    ["guest.users.0.sshAuthorizedKeys.0", alice({ sshAuthorizedKeys: [`${KEY}\n${KEY}`] }), /public key/],
    [
      "guest.users.0.sshAuthorizedKeys.0",
      alice({ sshAuthorizedKeys: [`${KEY}\u2028x`] }),
      /public key|one line/,
    ],
    ["guest.users.0.fullName", alice({ fullName: "a:b" }), /no colon/],
    ["guest.users.0.fullName", alice({ fullName: "a\nb" }), /no control/],
    ["guest.users.0.fullName", alice({ fullName: "a\ud800" }), /no control/],
    ["guest.users.0.passwordHash", alice({ passwordHash: "hunter2" }), /not the password itself/],
    ["guest.users.0.password", alice({ password: "" }), /1 to 128 bytes/],
    ["guest.users.0.groups.0", alice({ groups: ["a,b"] }), /group's name/],
    ["guest.users.0.shell", alice({ shell: "bash" }), /path of a program/],
    ["guest.timezone", { guest: { timezone: "../../etc/passwd" } }, /time zone/],
    ["guest.locale", { guest: { locale: "fr FR" } }, /locale/],
    ["guest.packages.0", { guest: { packages: ["--purge"] } }, /name of a package/],
    ["guest.hostName", { guest: { hostName: "web" } }, /did you mean/],
  ])("%s, because of %j", async (property, settings, reason) => {
    const { failures } = await check(settings);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.startsWith(`${property}: `), failures[0]).toBe(true);
    expect(failures[0]).toMatch(reason);
  });

  test.each<[string, Properties]>([
    ["cloudInit.networkConfig", { cloudInit: { networkConfig: { version: 2 } } }],
    ["cloudInit.metaData", { cloudInit: { metaData: "a: 1" } }],
    ["cloudInit.metaData.local-hostname", { cloudInit: { metaData: { "local-hostname": "db" } } }],
    ["cloudInit.metaData.network", { cloudInit: { metaData: { network: {} } } }],
    ["guestInfo.vendordata", { guestInfo: { vendordata: "x" } }],
    ["extraConfig.guestinfo.MetaData", { extraConfig: { "guestinfo.MetaData": "x" } }],
    ["guest", { ignition: { ignition: { version: "3.4.0" } } }],
  ])("%s says what guest says", async (property, more) => {
    const guest = { hostname: "web", interfaces: [{ addresses: ["10.44.3.18/24"] }] };
    const { failures } = await check({ guest, networkInterfaces: LAB, ...more });
    expect([...new Set(failures.map((text) => text.split(": ")[0]))]).toEqual([property]);
  });

  test("user data, further metadata and keys of the image's own user stand beside it", async () => {
    const { failures } = await check({
      guest: { hostname: "web" },
      cloudInit: { userData: { packages: ["git"] }, metaData: { region: "lab" } },
      sshAuthorizedKeys: [`${KEY}\n`],
    });
    expect(failures).toEqual([]);
  });

  test("no value of a password, or of what is taken for its hash, is in a message", async () => {
    const { failures } = await check(alice({ passwordHash: "hunter2-plain", password: "hunter3-plain" }));
    expect(failures).toHaveLength(2);
    expect(failures.join()).not.toMatch(/hunter/);
  });
});

test("the end of a key's line is taken off, as a file's text has it", async () => {
  const { inputs } = await check(alice({ sshAuthorizedKeys: [`${KEY}\r\n`] }));
  expect(inputs.guest).toEqual({ users: [{ name: "alice", sshAuthorizedKeys: [KEY] }] });
});

describe("machines of one run", () => {
  const one = (urn: string, more: Properties = {}, host?: string) =>
    check({
      __urn: `urn:pulumi:dev::lab::esxi:ScratchVm::${urn}`,
      ...(host !== undefined && { host }),
      ...onLab({ addresses: ["10.47.0.5/24"], ...more }),
    });

  test("have no address twice in one network", async () => {
    expect((await one("a")).failures).toEqual([]);
    expect((await one("a")).failures).toEqual([]);
    expect((await one("b")).failures).toEqual([
      'guest.interfaces.0.addresses.0: is also the address of "a" in the same network',
      'networkInterfaces.0.macAddress: is also the MAC address of "a" in the same network',
    ]);
    expect((await one("c", { addresses: ["10.111.0.5/24"] })).failures).toEqual([
      'networkInterfaces.0.macAddress: is also the MAC address of "a" in the same network',
    ]);
    expect((await one("a", { addresses: ["10.47.0.6/24"] })).failures).toEqual([]);
    await one("c", { addresses: ["10.47.0.9/24"] });
    expect((await one("b")).failures).toEqual([]);
  });

  test("have networks of their own on other hosts", async () => {
    await one("d", { addresses: ["10.48.0.5/24"] }, "lab1");
    expect((await one("e", { addresses: ["10.48.0.5/24"] }, "lab2")).failures).toEqual([]);
  });
});

/** Whatever people write: what passes the check is what cloud-init reads. */
test("what passes the check comes out of cloud-init as it went in, whatever it is", async (context) => {
  const hostile = fc.constantFrom(
    ...[
      "{{ 7*7 }}",
      "{% x %}",
      "a: b",
      "#x",
      "'",
      '"',
      "\\",
      "no",
      "0123",
      "~",
      "\u0085",
      "\u2028",
      "😀",
      "Élodie",
    ],
  );
  const text = fc.oneof(
    hostile,
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.stringMatching(/^[a-z0-9-]{1,12}$/),
  );
  const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
  const user = fc.record({
    name: fc.oneof(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,10}$/), text),
    fullName: optional(fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), text)),
    sshAuthorizedKeys: optional(
      fc.array(
        text.map((comment) => `ssh-ed25519 AAAA ${comment}`),
        { maxLength: 2 },
      ),
    ),
    groups: optional(fc.array(text, { maxLength: 2 })),
  });
  const guest = fc.record({
    hostname: optional(fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/), text)),
    users: optional(fc.array(user, { maxLength: 2 })),
  });
  const accepted: { guest: NonNullable<Parameters<typeof guestKeys>[0]["guest"]> }[] = [];
  for (const drawn of fc.sample(guest, draws(1500))) {
    const given = JSON.parse(JSON.stringify(drawn)) as Properties;
    const { inputs, failures } = await check({ guest: given });
    if (failures.length === 0) accepted.push(inputs as (typeof accepted)[number]);
  }
  expect(accepted.length).toBeGreaterThan(100);
  for (const reads of await readByCloudInit(context, accepted)) {
    for (const [index, read] of reads.entries()) {
      const { hostname, users = [] } = accepted[index]?.guest ?? {};
      expect(read.metadata["local-hostname"]).toBe(hostname);
      for (const { name, fullName, sshAuthorizedKeys } of users) {
        const there = read.users[name];
        expect(there?.gecos).toEqual(fullName);
        expect(there?.ssh_authorized_keys).toEqual(sshAuthorizedKeys);
      }
    }
  }
});
