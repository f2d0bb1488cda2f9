/** What only the host knows of itself is said in a preview: its virtual hardware, its CPUs, its age. */
import { afterEach, expect, test } from "vitest";
import { serveFiles } from "../../../support/file-server.ts";
import { buildOva, type OvaOptions } from "../../../support/ova-builder.ts";
import { Lab } from "../lab.ts";
import { type Previewed, previewed } from "./previewed.ts";

let lab: Lab | undefined;

afterEach(() => lab?.close());

async function open(apiVersion = "7.0.3.0"): Promise<Lab> {
  lab = await Lab.open({ apiVersion });
  return lab;
}

const vm = (args: Previewed["args"]): Previewed => ({ kind: "ScratchVm", args: { name: "vm", ...args } });

const OFF =
  "esxi1: the SSH service is off, and the host's licence does not let it be started through the API. Start it in the host's " +
  "client under Manage > Services (TSM-SSH)";

const NONE = { failures: [], warnings: [] };

test("virtual hardware that the host does not run is refused, and told once it is asked for", async () => {
  const own = await open();
  const wish = vm({ hardwareVersion: 21 });
  const said = {
    failures: [
      "hardwareVersion: esxi1: hardwareVersion 21 is newer than what the host runs: ESXi 7.0.3.0 runs up to 19, 21 needs " +
        "ESXi 8.0.2. Set it to what the host runs.",
    ],
    warnings: [],
  };
  expect(await previewed(own, wish)).toEqual(said);
  expect(
    await previewed(own, { ...wish, kind: "DatastoreClone", args: { ...wish.args, source: "x" } }),
  ).toMatchObject({
    failures: expect.arrayContaining(said.failures),
  });
  await own.restart();
  expect(await previewed(own, vm({ hardwareVersion: 19 }))).toEqual(NONE);
  expect(await previewed(own, { ...wish, before: { name: "vm", hardwareVersion: 19 } })).toEqual(said);
  const other = { name: "vm", hardwareVersion: 21, memory: 512 };
  expect(await previewed(own, { ...wish, before: other })).toEqual(NONE);
});

test("a machine with more CPUs than the host has is refused, unless it is not to run", async () => {
  const own = await open();
  expect(await previewed(own, vm({ numCpus: 65 }))).toEqual({
    failures: [
      "numCpus: esxi1 has 64 logical CPUs, and starts no machine with 65. Set numCpus to 64 or fewer, or powerOn: false.",
    ],
    warnings: [],
  });
  expect(await previewed(own, vm({ numCpus: 65, powerOn: "once" }))).toMatchObject({
    failures: [expect.any(String)],
  });
  expect(await previewed(own, vm({ numCpus: 64 }))).toEqual(NONE);
  expect(await previewed(own, vm({ numCpus: 65, powerOn: false }))).toEqual(NONE);
});

test("a port that is tried from a host whose shell nobody may start is refused", async () => {
  const own = await Lab.open({ license: "free", ssh: { listen: "127.0.0.1:0" } });
  lab = own;
  const wish = vm({ waitFor: { tcpPort: 22, via: "host" } });
  expect(await previewed(own, wish)).toEqual(NONE);
  await own.raw.simulator.behindBack.setSsh(false);
  await own.restart();
  const ofHost = { failures: [`host: ${OFF}, then run \`pulumi up\` again.`], warnings: [] };
  expect(await previewed(own, wish)).toEqual(ofHost);
  // Who forces the API needs the shell for this alone.
  const api = own.connect({ transport: "api" });
  const more = own.context(undefined, api);
  expect(await previewed(own, wish, more)).toEqual({
    failures: [`waitFor.via: ${OFF}, or set it to "client".`],
    warnings: [],
  });
  expect(await previewed(own, vm({ waitFor: { tcpPort: 22 } }), more)).toEqual(NONE);
});

test("a shell that is off, and that all changes of the host need, is told once of what is new and once of what is there", async () => {
  const own = await Lab.open({ license: "free", ssh: { listen: "127.0.0.1:0", running: false } });
  lab = own;
  const group = { virtualSwitch: "vSwitch0", vlanId: 5 };
  const portGroup = (name: string, before?: Previewed["args"]): Previewed => ({
    kind: "PortGroup",
    args: { name, ...group },
    ...(before && { before: { name, ...before } }),
  });
  const again = `${OFF}, then run \`pulumi up\` again.`;
  expect(await previewed(own, portGroup("there", { ...group, vlanId: 4 }))).toEqual({
    failures: [],
    warnings: [`\`pulumi up\` will need the host's shell, and now: ${again}`],
  });
  expect(await previewed(own, portGroup("lab"))).toEqual({ failures: [`host: ${again}`], warnings: [] });
  expect(await previewed(own, vm({}))).toEqual(NONE);
  expect(await previewed(own, portGroup("same", group))).toEqual(NONE);
  await own.raw.simulator.behindBack.setSsh(true);
  await own.restart();
  expect(await previewed(own, portGroup("lab"))).toEqual(NONE);
});

test("a port is tried from a host whose shell is off and can be started", async () => {
  const own = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  lab = own;
  await own.raw.simulator.behindBack.setSsh(false);
  expect(await previewed(own, vm({ waitFor: { tcpPort: 22, via: "host" } }))).toEqual(NONE);
});

test.each<readonly [string, OvaOptions]>([
  ["of a family that the host runs", { family: "vmx-19" }],
  ["of several families, of which it runs one", { family: "vmx-21 vmx-15" }],
  ["with several families in another order", { family: "vmx-13, vmx-20" }],
  ["of no family", { family: null }],
  [
    "with two sections, of which it runs one",
    {
      family: "vmx-21",
      sections: `<VirtualHardwareSection><Info>Older</Info><System><vssd:ElementName>x</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType></System></VirtualHardwareSection>`,
    },
  ],
])("an OVA %s is fine", async (_, options) => {
  const own = await open();
  const args = { name: "vm", ovaPath: await own.ova(options) };
  expect(await previewed(own, { kind: "OvaDeployment", args })).toEqual(NONE);
});

test.each([
  ["vmx-21", ": ESXi 7.0.3.0 runs up to 19, 21 needs ESXi 8.0.2"],
  ["vmx-22, vmx-20", ": ESXi 7.0.3.0 runs up to 19, 20 needs ESXi 8.0"],
  ["vmx-03", ""],
])("an OVA of %s is refused with its line, and changed by relax", async (family, why) => {
  const own = await open();
  const ovaPath = await own.ova({ family });
  const what = `its hardware is of the family ${family}, which this host does not run`;
  const args = { name: "vm", ovaPath };
  expect(await previewed(own, { kind: "OvaDeployment", args })).toEqual({
    failures: [
      `ovaPath: esxi1 refuses ${ovaPath}: ${what} (line 24)${why}. With relax: true it becomes vmx-19.`,
    ],
    warnings: [],
  });
  expect(await previewed(own, { kind: "OvaDeployment", args: { ...args, relax: true } })).toEqual({
    failures: [],
    warnings: [`changed for the host by relax: ${ovaPath}, line 24: ${what}: it becomes vmx-19.`],
  });
  // The create says the same.
  const vmOfHost = await own.create({ ...args, relax: true, powerOn: false });
  expect(own.texts("warn")).toContain(
    `changed for the host by relax: ${ovaPath}, line 24: ${what}: it becomes vmx-19.`,
  );
  expect(own.raw.vm("vm").config.version).toBe("vmx-19");
  await own.delete(vmOfHost);
});

test("a host that is too old to fetch files by itself is told", async () => {
  const own = await open("6.5");
  const server = await serveFiles(new Map([["/tiny.ova", buildOva().ova]]));
  try {
    const args = { name: "vm", ovaPath: `${server.url}/tiny.ova`, transfer: "pull" };
    expect((await previewed(own, { kind: "OvaDeployment", args })).failures).toEqual([
      expect.stringMatching(
        /^transfer: esxi1 does not fetch files by itself \(its API is 6\.5, .* Set transfer: "push"/,
      ),
    ]);
  } finally {
    await server.close();
  }
});

test("an OVA that the host is to fetch is refused where only SSH is left", async () => {
  const own = await Lab.open({ license: "free", ssh: { listen: "127.0.0.1:0" } });
  lab = own;
  const server = await serveFiles(new Map([["/tiny.ova", buildOva().ova]]));
  try {
    const args = { name: "vm", ovaPath: `${server.url}/tiny.ova`, transfer: "pull" };
    expect((await previewed(own, { kind: "OvaDeployment", args })).failures).toEqual([
      expect.stringMatching(/^transfer: esxi1: "pull" has no meaning over SSH/),
    ]);
  } finally {
    await server.close();
  }
});

test("these checks of twenty machines, ten of them of one OVA, cost four calls in all", async () => {
  const own = await open();
  const ovaPath = await own.ova({ family: "vmx-13" });
  for (let index = 0; index < 10; index++) {
    const args = { name: `vm-${index}`, numCpus: 64, hardwareVersion: 19 };
    expect(await previewed(own, { kind: "ScratchVm", args })).toEqual(NONE);
    const ova = { kind: "OvaDeployment", args: { ...args, name: `ova-${index}`, ovaPath } } as const;
    expect(await previewed(own, ova)).toEqual(NONE);
  }
  expect(own.raw.count()).toBeLessThanOrEqual(4);
  expect(own.raw.count("CreateImportSpec")).toBe(1);
});
