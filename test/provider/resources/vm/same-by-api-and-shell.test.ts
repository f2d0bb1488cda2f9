/** A machine that is made through the API and one that is made over SSH read back the same, setting by setting. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import type { Lab, Managed } from "../lab.ts";
import { complete, MEDIA, RANDOM_SETTINGS } from "../random-settings.ts";
import { settingsLab } from "../random-settings-lab.ts";
import { ResourceLab } from "../resource-lab.ts";

let lab: Lab;
let byApi: ResourceLab;
let bySsh: ResourceLab;

beforeAll(async () => {
  lab = await settingsLab({ ssh: true });
  byApi = ResourceLab.in(lab, scratchVm, "ScratchVm");
  bySsh = ResourceLab.in(lab, scratchVm, "ScratchVm", lab.connect({ transport: "ssh" }));
});

afterAll(() => lab.close());

const drawn = (index: number): Properties => {
  const all = Object.entries(RANDOM_SETTINGS).map(([key, { values }]) => {
    const [value] = fc.sample(values, { numRuns: 1, seed: index });
    return [key, value];
  });
  const settings = complete(Object.fromEntries(all));
  // With EFI the order is in the NVRAM, which is not written over SSH.
  return settings.firmware === "efi" ? { ...settings, bootOrder: undefined } : settings;
};

/** Devices that are not drawn. */
const DEVICES: readonly Properties[] = [
  {},
  {
    disks: [
      { label: "a", size: 1, controller: "ide" },
      { label: "b", size: 1, controller: "buslogic", busNumber: 2, unitNumber: 5 },
      { label: "c", size: 1, controller: "nvme", provisioning: "eagerZeroedThick" },
      { label: "d", size: 1, controller: "nvme", mode: "independent_nonpersistent" },
      { label: "e", size: 1, controller: "lsilogic-sas", busNumber: 0, datastore: "datastore2" },
    ],
    cdroms: [{ hostDevice: true }, { iso: "[datastore1] a.iso", connected: false, controller: "sata" }],
    floppy: { hostDevice: "/dev/fd0" },
    serialPorts: [
      { file: "[datastore1] serial.txt" },
      { hostDevice: "/dev/char/serial/uart0", yieldOnPoll: false },
      { networkUri: "tcp://x:1", direction: "client", proxyUri: "telnet://p:2" },
    ],
    networkInterfaces: [
      { network: "VM Network", connected: false },
      { network: "lab-net", adapterType: "pcnet32", macAddress: "52:54:00:00:00:01" },
    ],
  },
  {
    floppy: { image: "[datastore1] a.flp", connected: false },
    cdroms: [{ hostDevice: "/dev/cdrom" }, {}, {}],
  },
];

/** What no two machines have alike, or what says the same in other words. */
const OWN_KEYS = ["pulumi-esxi-direct.owner", "pulumi-esxi-direct.labels", "nvram", "hpet0.present"];
const OWN_PROPERTIES = [
  "changeVersion",
  "modified",
  "uuid",
  "instanceUuid",
  "locationId",
  "createDate",
  "contentId",
];

/** The machine as the raw host has it, less what is its own. */
function alike({ inputs: { name } }: Managed): unknown {
  const { vmxPath, config } = lab.raw.vm(String(name));
  const folder = vmxPath.slice(vmxPath.indexOf(" ") + 1, vmxPath.lastIndexOf("/"));
  const isOwn = (key: string) => OWN_KEYS.includes(key) || key.endsWith(".checkMACAddress");
  const extraConfig = (config.extraConfig ?? [])
    .filter(({ key }) => !isOwn(key))
    .sort((a, b) => a.key.localeCompare(b.key));
  const text = JSON.stringify({ ...config, extraConfig }, (key, value) => {
    if (OWN_PROPERTIES.includes(key)) return undefined;
    if (key === "summary") return undefined;
    return key === "macAddress" && String(value).startsWith("00:0c:29") ? "generated" : value;
  });
  return JSON.parse(text.replaceAll(folder, "its folder").replaceAll(String(name), "its name"));
}

let serial = 0;

async function twice(settings: Properties): Promise<readonly [Managed, Managed]> {
  const names = [`vm a${++serial}`, `vm b${serial}`] as const;
  const wanted = { datastore: "datastore1", powerOn: false, ...settings };
  return [await byApi.create(names[0], wanted), await bySsh.create(names[1], wanted)];
}

test.each([...DEVICES, ...[1, 2, 3].map(drawn)].map((settings, index) => [index, settings] as const))(
  "a machine of every setting is the same whichever way it was made (%i)",
  async (_, settings) => {
    const [api, ssh] = await twice(settings);
    expect(alike(ssh)).toEqual(alike(api));
    await byApi.delete(api);
    await bySsh.delete(ssh);
    const { vms, files } = await lab.raw.contents();
    // By the API a host leaves the folder of a machine on another datastore than its own.
    const isKnown = (file: string) =>
      file.startsWith("[datastore1] shared/") ||
      MEDIA.some((medium) => file.endsWith(medium)) ||
      /^\[datastore2\] vm a\d+\/$/.test(file);
    expect([vms, files.filter((file) => !isKnown(file))]).toEqual([[], []]);
  },
);
