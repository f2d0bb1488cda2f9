/** What programs can look up on a host, each answer compared with the raw host. */

import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Lifecycle, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import type { FoundVm } from "../../../provider/resources/look-ups/found-vm.ts";
import {
  getDatastore,
  getHost,
  getNetwork,
  getVm,
  getVms,
} from "../../../provider/resources/look-ups/reads.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { freePort } from "../../support/ports.ts";
import { twoDatastores } from "../../support/two-datastores.ts";
import { failure, Lab } from "./lab.ts";

const GIB = 1024 ** 3;
let lab: Lab;

beforeEach(async () => {
  const datastores = twoDatastores(100 * GIB);
  lab = await Lab.open({ datastores });
});

afterEach(() => lab.close());

const golden = (settings: Properties = {}) =>
  lab.create({ name: "golden", datastore: "ssd", powerOn: false, ...settings });

/** What the engine hands over and gets back when a program asks. */
async function ask(lookUp: Lifecycle, args: Properties = {}): Promise<Properties> {
  const { props } = await lookUp.read("asked", { ...args, __provider: "text" }, lab.context());
  return props ?? {};
}

const result = async <T>(lookUp: Lifecycle, args: Properties = {}) => (await ask(lookUp, args)).result as T;

const writes = () =>
  lab.raw.simulator.requests
    .entries()
    .filter(({ method }) => !/^(Retrieve|Continue|Login$|Logout$)/.test(method));

/** Gives a machine that runs another name in its .vmx file, past all of the host's checks. */
async function renameInFile(name: string, other: string): Promise<void> {
  const [disk] = lab.raw.diskPaths(name);
  const vmx = lab.raw.simulator.diskFile(disk ?? "").replace(/[^/]*$/, `${name}.vmx`);
  await writeFile(
    vmx,
    (await readFile(vmx, "utf8")).replace(`displayName = "${name}"`, `displayName = "${other}"`),
  );
  await lab.raw.simulator.behindBack.powerOn(lab.raw.vm(name).moid);
}

test("a virtual machine is found by its name, instance UUID, moid and path, and told whole", async () => {
  await golden({ memory: 256, annotation: "the one to clone" });
  const { moid, uuid, instanceUuid, vmxPath, config } = lab.raw.vm("golden");
  const found = await result<FoundVm>(getVm, { name: "golden" });
  expect(found).toEqual({
    name: "golden",
    datastore: "ssd",
    numCpus: 1,
    numCoresPerSocket: 1,
    memory: 256,
    annotation: "the one to clone",
    guestId: config.guestId,
    hardwareVersion: Number(config.version.replace("vmx-", "")),
    firmware: "bios",
    resourcePool: "Resources",
    moid,
    uuid,
    instanceUuid,
    vmxPath,
    powerState: "poweredOff",
    networkInterfaces: [
      { network: "VM Network", adapterType: expect.any(String), macAddress: found.macAddresses[0] },
    ],
    macAddresses: [expect.stringMatching(/^00:/)],
    disks: [
      {
        label: "Hard disk 1",
        sizeBytes: expect.any(Number),
        file: lab.raw.diskPaths("golden")[0],
        controller: expect.stringMatching(/^(pvscsi|lsilogic|sata|ide)$/),
        busNumber: 0,
        unitNumber: 0,
      },
    ],
    guestIpAddresses: [],
    hostUuid: lab.raw.simulator.hostUuid,
  });
  for (const args of [{ instanceUuid: instanceUuid.toUpperCase() }, { moid }, { vmxPath }]) {
    expect(await result(getVm, args), Object.keys(args)[0]).toEqual(found);
  }
});

test("the id of what was found is the instance UUID, and its arguments stay beside it", async () => {
  const { id } = await golden();
  const answer = await getVm.read("asked", { name: "golden", __provider: "text" }, lab.context());
  expect(answer).toMatchObject({ id, props: { name: "golden", __provider: "text" } });
});

test("what was told to a guest is not told to programs", async () => {
  await golden({ extraConfig: { "guestinfo.password": "s3cret-word" } });
  expect(JSON.stringify([await ask(getVm, { name: "golden" }), await ask(getVms)])).not.toContain(
    "s3cret-word",
  );
});

test("an address that a guest reports is told", async () => {
  await golden({ powerOn: true, waitFor: { ip: true } });
  const { defaultIpAddress, guestIpAddresses, powerState } = await result<FoundVm>(getVm, { name: "golden" });
  expect(powerState).toBe("poweredOn");
  expect(defaultIpAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(guestIpAddresses).toContain(defaultIpAddress);
});

test("a name that no machine has is an error that guesses what was meant", async () => {
  await golden();
  expect((await failure(ask(getVm, { name: "goldn" }))).message).toBe(
    'esxi1 has no virtual machine named "goldn": did you mean "golden"? esxi1 has "golden".',
  );
  expect((await failure(ask(getVm, { vmxPath: "[ssd] golden/golden.vm" }))).message).toContain(
    'did you mean "[ssd] golden/golden.vmx"?',
  );
});

test("a name that two machines have is an error with the paths of both", async () => {
  await golden();
  await lab.create({ name: "silver", datastore: "ssd", powerOn: false });
  await renameInFile("silver", "golden");
  const { message } = await failure(ask(getVm, { name: "golden" }));
  expect(message).toBe(
    'esxi1 has 2 virtual machines named "golden": "[ssd] golden/golden.vmx" and "[ssd] silver/silver.vmx". ' +
      "Say which one you mean by its vmxPath.",
  );
  expect(await result(getVm, { vmxPath: "[ssd] silver/silver.vmx" })).toMatchObject({ name: "golden" });
});

test.each([
  ["nothing to look for", {}],
  ["two things to look for", { name: "golden", moid: "1" }],
])("%s is an error that says what can be asked", async (_what, args) => {
  const { message } = await failure(ask(getVm, args));
  expect(message).toBe("getVm: give exactly one of name, instanceUuid, moid, vmxPath.");
});

test("wrong arguments are named", async () => {
  expect((await failure(ask(getVm, { name: 5 }))).message).toBe(
    "getVm: name: must be a text, not a number: put it in quotes.",
  );
  expect((await failure(ask(getVms, { powerState: "on" }))).message).toContain(
    "getVms: powerState: must be one of",
  );
  expect((await failure(ask(getVms, { pattern: "a" }))).message).toBe(
    "getVms: pattern: there is no such setting; did you mean namePattern?",
  );
});

test("machines are listed by pattern, power state and resource pool, in the order of their names", async () => {
  for (const name of ["web-10", "web-9", "db (1)"])
    await lab.create({ name, datastore: "ssd", powerOn: false });
  await lab.raw.simulator.behindBack.powerOn(lab.raw.vm("web-9").moid);
  const names = async (args: Properties) => (await result<FoundVm[]>(getVms, args)).map(({ name }) => name);
  expect(await names({})).toEqual(["db (1)", "web-9", "web-10"]);
  expect(await names({ namePattern: "web-*" })).toEqual(["web-9", "web-10"]);
  expect(await names({ namePattern: "web-?" })).toEqual(["web-9"]);
  expect(await names({ namePattern: "db (1)" })).toEqual(["db (1)"]);
  expect(await names({ namePattern: "Web-*" })).toEqual([]);
  expect(await names({ namePattern: "*-*", powerState: "poweredOff" })).toEqual(["web-10"]);
  expect(await names({ resourcePool: "Resources", powerState: "poweredOn" })).toEqual(["web-9"]);
  expect((await failure(ask(getVms, { resourcePool: "Resorces" }))).message).toBe(
    'esxi1 has no resource pool "Resorces": did you mean "Resources"? esxi1 has "Resources".',
  );
});

test("many look-ups of one moment cost two reads of the host", async () => {
  await golden();
  await lab.host.facts();
  lab.raw.simulator.requests.clear();
  await Promise.all(Array.from({ length: 50 }, () => ask(getVm, { name: "golden" })));
  expect(lab.raw.count()).toBeLessThanOrEqual(2);
});

test("a refresh tells what is there now", async () => {
  await golden();
  const before = await ask(getVm, { name: "golden" });
  const { moid } = lab.raw.vm("golden");
  await lab.raw.simulator.behindBack.reconfigure(moid, { annotation: "changed" });
  const { props } = await getVm.read("any", before, lab.context());
  expect(props).toEqual({ ...before, result: { ...(before.result as object), annotation: "changed" } });
});

test("a refresh forgets a machine that is gone, and the program is told", async () => {
  await golden();
  const before = await ask(getVm, { name: "golden" });
  await lab.raw.simulator.behindBack.destroy(lab.raw.vm("golden").moid);
  expect(await getVm.read("any", before, lab.context())).toEqual({});
  expect((await failure(ask(getVm, { name: "golden" }))).message).toBe(
    'esxi1 has no virtual machine named "golden": esxi1 has no virtual machines.',
  );
});

test("a refresh does not forget a machine because its host does not answer", async () => {
  await golden();
  const before = await ask(getVm, { name: "golden" });
  const nobody = connectTo({ ...lab.raw, ...access(), url: `https://127.0.0.1:${await freePort()}` });
  await expect(getVm.read("any", before, { ...lab.context(), host: () => nobody })).rejects.toThrow();
  await nobody.close();
});

const access = () => ({
  username: lab.raw.username,
  password: lab.raw.password,
  thumbprint: lab.raw.thumbprint,
});

test("a host of 9.x tells a version of four parts, and no build in its full name", async () => {
  await lab.raw.restart({ apiVersion: "9.1.0.0" });
  await lab.restart();
  const host = await result(getHost);
  expect(host).toMatchObject({
    product: "VMware ESXi 9.1.0.0",
    version: "9.1.0.0",
    apiVersion: "9.1.0.0",
    build: expect.stringMatching(/^\d+$/),
  });
});

test("a host tells what it is and has, and nothing is written for it", async () => {
  await golden({ numCpus: 3, memory: 512 });
  lab.raw.simulator.requests.clear();
  const host = await result(getHost);
  expect(host).toEqual({
    name: "esxi1",
    hostUuid: lab.raw.simulator.hostUuid,
    product: expect.stringMatching(/^VMware ESXi 8\.0\.3 build-\d+$/),
    version: "8.0.3",
    build: expect.stringMatching(/^\d+$/),
    apiVersion: "8.0.3.0",
    vendor: "VMware, Inc.",
    model: "ESXi simulator",
    cpuModel: expect.stringMatching(/./),
    numCpuCores: expect.any(Number),
    numCpuThreads: expect.any(Number),
    cpuMhz: expect.any(Number),
    memory: expect.any(Number),
    memoryAssigned: 512,
    numCpusAssigned: 3,
    licenseName: "vSphere 8 Enterprise Plus",
    licenseEdition: "esx.enterprisePlus.cpuPackageCoreLimited",
    apiWritable: true,
    datastores: ["datastore1", "ssd"],
    networks: ["VM Network", "lab-net"],
    resourcePools: ["Resources"],
  });
  expect(writes()).toEqual([]);
});

test("a host without a licence for the API says so", async () => {
  await lab.raw.restart({ license: "free" });
  await lab.restart();
  expect(await result(getHost)).toMatchObject({ licenseName: "vSphere 8 Hypervisor", apiWritable: false });
});

test("a datastore tells its size and what is free", async () => {
  const before = await result<{ freeBytes: number }>(getDatastore, { name: "ssd" });
  expect(before).toEqual({
    name: "ssd",
    moid: expect.any(String),
    type: "VMFS",
    capacityBytes: 100 * GIB,
    freeBytes: expect.any(Number),
    accessible: true,
    url: expect.stringMatching(/^\/vmfs\/volumes\//),
  });
  await golden({ diskProvisioning: "thick" });
  const after = await result<{ freeBytes: number }>(getDatastore, { name: "ssd" });
  expect(after.freeBytes).toBeLessThan(before.freeBytes);
  expect((await failure(ask(getDatastore, { name: "sdd" }))).message).toBe(
    'esxi1 has no datastore "sdd": did you mean "ssd"? esxi1 has "datastore1", "ssd".',
  );
});

test("a network tells its VLAN and its switch", async () => {
  expect(await result(getNetwork, { name: "lab-net" })).toEqual({
    name: "lab-net",
    moid: expect.any(String),
    vlanId: 0,
    virtualSwitch: "vSwitch0",
  });
  expect((await failure(ask(getNetwork, { name: "labnet" }))).message).toBe(
    'esxi1 has no network "labnet": did you mean "lab-net"? esxi1 has "VM Network", "lab-net".',
  );
});

test("a look-up creates and changes nothing, and deleting one asks nobody", async () => {
  await expect(getVm.create({ name: "golden" }, lab.context())).rejects.toThrow("getVm only reads");
  await getVm.delete("any", { name: "golden" }, lab.context());
  expect(lab.raw.count()).toBe(0);
});
