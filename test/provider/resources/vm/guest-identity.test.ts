import { afterEach, beforeEach, expect, test } from "vitest";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { ResourceLab } from "../resource-lab.ts";

let vms: ResourceLab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
});

afterEach(() => vms.lab.close());

const HASH = "$6$abcd$OuJN6ARmySMyqK/aKUv4bDNqTmBZookEk3rCk2oGZf69LALYfiNEp4Xl1h6rEGTWjFfGeRh.QUDiJCdWhKkvn/";
const WEB = {
  networkInterfaces: [{ network: "VM Network" }],
  guest: {
    hostname: "web",
    interfaces: [{ addresses: ["10.45.3.17/24"], gateway: "10.45.3.1" }],
    users: [{ name: "alice", passwordHash: HASH }],
  },
};

const raw = (key: string) => vms.lab.extraConfig(vms.lab.raw.vm("web"), `guestinfo.${key}`);
const decoded = (text: unknown) => Buffer.from(String(text), "base64").toString();
const metadata = () => JSON.parse(decoded(raw("metadata")));
const network = () => JSON.parse(decoded(metadata().network));
const rows = () => vms.lab.texts("info");

test("the guest's identity is on the host before the machine runs, with the MAC address that belongs to the address", async () => {
  const vm = await vms.create("web", { ...WEB, powerOn: false });
  expect(vm.outs.macAddresses).toEqual(["00:50:56:2d:03:11"]);
  expect(metadata()).toMatchObject({ "local-hostname": "web", redact: ["vendordata"] });
  expect(network().ethernets.nic0).toMatchObject({
    match: { macaddress: "00:50:56:2d:03:11" },
    addresses: ["10.45.3.17/24"],
  });
  expect(raw("vendordata.encoding")).toBe("base64");
  expect(decoded(raw("vendordata"))).toContain(HASH);
  expect((await vms.diff(vm, { ...WEB, powerOn: false })).changes).toBe(false);
  const read = await vms.read(vm);
  expect(read && (await vms.diff(read, { ...WEB, powerOn: false })).changes).toBe(false);
});

test("another name is told in place, and what the guest has overwritten stays so", async () => {
  const vm = await vms.create("web", WEB);
  await vms.lab.raw.simulator.behindBack.reconfigure(vms.lab.raw.vm("web").moid, {
    extraConfig: [{ $type: "OptionValue", key: "guestinfo.vendordata", value: "---" }],
  });
  const later = { ...WEB, guest: { ...WEB.guest, hostname: "www" } };
  vms.lab.said.length = 0;
  await vms.diff(vm, later);
  expect(rows()).toEqual([
    "update in place: guest (hostname)",
    "the guest takes guest.hostname at its next boot",
  ]);
  await vms.update(vm, later);
  expect(metadata()["local-hostname"]).toBe("www");
  expect(raw("vendordata")).toBe("---");
  expect(vms.lab.raw.vm("web").powerState).toBe("poweredOn");
});

test("all of it goes with the setting", async () => {
  const vm = await vms.create("web", WEB);
  const { guest: _, ...rest } = WEB;
  await vms.update(vm, rest);
  for (const key of ["metadata", "metadata.encoding", "vendordata", "vendordata.encoding"]) {
    expect(raw(key), key).toBeUndefined();
  }
});

test("another address gets another MAC address, and the preview says what the guest makes of it", async () => {
  const moved = (more: object) => ({
    ...WEB,
    guest: { ...WEB.guest, ...more, interfaces: [{ addresses: ["10.45.3.18/24"], gateway: "10.45.3.1" }] },
  });
  const vm = await vms.create("web", WEB);
  vms.lab.said.length = 0;
  await vms.diff(vm, moved({}));
  expect(rows()).toEqual([
    "update with one power cycle: networkInterfaces[0].macAddress 00:50:56:2d:03:11 → 00:50:56:2d:03:12",
    "update in place: guest (interfaces)",
    "a guest reads guest.interfaces at its first boot only: a guest that has booted ignores the change",
    expect.stringMatching(/looks for the old one.*target-replace.*networkAtEveryBoot first/),
  ]);
  const told = await vms.update(vm, { ...WEB, guest: { ...WEB.guest, networkAtEveryBoot: true } });
  expect(JSON.parse(decoded(raw("vendordata")).replace("#cloud-config\n", "")).updates).toEqual({
    network: { when: ["boot-new-instance", "boot"] },
  });
  vms.lab.said.length = 0;
  await vms.diff(told, moved({ networkAtEveryBoot: true }));
  expect(rows().slice(2)).toEqual(["the guest takes guest.interfaces at its next boot"]);
  await vms.update(told, moved({ networkAtEveryBoot: true }));
  expect(network().ethernets.nic0).toMatchObject({
    match: { macaddress: "00:50:56:2d:03:12" },
    addresses: ["10.45.3.18/24"],
  });
});

test("what is left out of changes stays as it is on the host", async () => {
  const vm = await vms.create("web", WEB);
  const later = { ...WEB, guest: { ...WEB.guest, hostname: "www" }, __ignoreChanges: ["guest"] };
  expect((await vms.diff(vm, later)).changes).toBe(false);
  await vms.update(vm, { ...later, annotation: "x" });
  expect(metadata()["local-hostname"]).toBe("web");
});
