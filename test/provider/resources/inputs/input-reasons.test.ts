import * as v from "valibot";
import { expect, test } from "vitest";
import type { Lifecycle, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { reasonOf } from "../../../../provider/resources/inputs/input-reasons.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { offlineCheck } from "../offline-check.ts";

const failuresOf = async (lifecycle: Lifecycle, settings: Properties) =>
  (await offlineCheck(lifecycle, settings)).failures;

test.each<[settings: Properties, said: string]>([
  [{ memmory: 64 }, "memmory: there is no such setting; did you mean memory?"],
  [{ num_cpus: 2 }, "num_cpus: there is no such setting; did you mean numCpus?"],
  [{ numCpu: 2 }, "numCpu: there is no such setting; did you mean numCpus?"],
  [{ vcpu: 2 }, "vcpu: there is no such setting; did you mean numCpus?"],
  [{ ram: 512 }, "ram: there is no such setting; did you mean memory?"],
  [{ notes: "a" }, "notes: there is no such setting; did you mean annotation?"],
  [{ resourcePoolId: "a" }, "resourcePoolId: there is no such setting; did you mean resourcePool?"],
  [{ disk: [] }, "disk: there is no such setting; did you mean disks?"],
  [{ zzzzzz: 1 }, "zzzzzz: there is no such setting"],
  [{ vm_name: "a" }, "vm_name: there is no such setting; did you mean name?"],
  [{ disk_size: 1024 }, "disk_size: there is no such setting; did you mean disks: [{ size }]?"],
  [{ disk_type: "thin" }, "disk_type: there is no such setting; did you mean disks: [{ provisioning }]?"],
  [{ iso_path: "a" }, "iso_path: there is no such setting; did you mean cdroms: [{ iso }]?"],
  [{ scsiType: "pvscsi" }, "scsiType: there is no such setting; did you mean disks: [{ controller }]?"],
  [
    { macAddress: "a" },
    "macAddress: there is no such setting; did you mean networkInterfaces: [{ macAddress }]?",
  ],
  [{ waitFor: { timeout: 60 } }, "waitFor.timeout: there is no such setting; did you mean timeoutSeconds?"],
  [{ tcpPort: 22 }, "tcpPort: there is no such setting; did you mean waitFor: { tcpPort }?"],
  [
    { datacenter: "a" },
    "datacenter: there is no such setting: a host without vCenter has none: leave it out",
  ],
  [
    { num_instances: 3 },
    "num_instances: there is no such setting: one resource is one of it: make several in a loop of the program, or machines with VmFleet",
  ],
  [
    { password: "a" },
    "password: there is no such setting: it is said once for all resources, in the stack's configuration (esxi:…)",
  ],
  [
    { networkInterfaces: [{ network: "a", mac: "b" }] },
    "networkInterfaces.0.mac: there is no such setting; did you mean macAddress?",
  ],
  [{ waitFor: { tcp: 22 } }, "waitFor.tcp: there is no such setting; did you mean tcpPort?"],
  [{ timeouts: { create: 60 } }, "timeouts.create: there is no such setting; did you mean createSeconds?"],
  [{ disks: [{ sizeGb: 5, label: "a" }] }, "disks.0.sizeGb: there is no such setting; did you mean size?"],
])("%j of a machine: the name that was meant is said", async (settings, said) => {
  expect(await failuresOf(scratchVm, settings)).toContain(said);
});

test("a network is missed by its name here, and what other tools call it is named", async () => {
  const said = await failuresOf(scratchVm, { networkInterfaces: [{ networkId: "a" }] });
  expect(said).toEqual([
    "networkInterfaces.0.network: is required",
    "networkInterfaces.0.networkId: there is no such setting; did you mean network?",
  ]);
});

test("a name is looked for among the settings of its own resource", async () => {
  expect(await failuresOf(datastoreClone, { template: "a" })).toContain(
    "template: there is no such setting; did you mean source?",
  );
  expect(await failuresOf(portGroup, { virtualSwitch: "vSwitch0", vlan: 4 })).toContain(
    "vlan: there is no such setting; did you mean vlanId?",
  );
  expect(await failuresOf(virtualSwitch, { uplinks: ["vmnic0"] })).toContain(
    "uplinks: there is no such setting; did you mean networkAdapters?",
  );
});

test.each<[settings: Properties, said: string]>([
  [{ waitFor: true }, "waitFor: must be an object such as { ip: true }, not true"],
  [{ waitFor: "ip" }, "waitFor: must be an object such as { ip: true }, not a text"],
  [{ timeouts: 600 }, "timeouts: must be an object such as { createSeconds: 1 }, not a number"],
  [{ guestInfo: "a" }, 'guestInfo: must be an object such as { name: "…" }, not a text'],
  [{ cloudInit: "#cloud-config" }, 'cloudInit: must be an object such as { userData: "…" }, not a text'],
  [{ autoStart: true }, "autoStart: must be an object such as { enabled: true }, not true"],
  [{ adopt: "vm" }, 'adopt: must be an object such as { name: "…" }, not a text'],
  [{ disks: 20 }, 'disks: must be a list, such as [{ label: "…" }], not a number'],
  [{ disks: [20] }, 'disks.0: must be an object such as { label: "…" }, not a number'],
  [{ bootOrder: "cdrom" }, 'bootOrder: must be a list, such as ["disk"], not a text'],
  [{ floppy: "a" }, 'floppy: must be an object such as { image: "…" }, not a text'],
  [{ numCpus: "3" }, "numCpus: must be a number, not a text: write it without quotes"],
  [{ memory: "1 GB" }, "memory: must be a number (MB), not a text"],
  [{ allowPowerCycle: "true" }, "allowPowerCycle: must be true or false, without quotes"],
  [{ powerOn: "yes" }, 'powerOn: must be true, false or "once"'],
  [{ powerOn: "true" }, 'powerOn: must be true, false or "once": write it without quotes'],
  [{ powerOn: "Once" }, 'powerOn: must be true, false or "once"; did you mean "once"?'],
  [{ waitFor: { ip: "10.0.0.5" } }, "waitFor.ip: must be true or false, not a text"],
  [{ bootOrder: ["cd"] }, 'bootOrder.0: must be one of disk, cdrom, ethernet, floppy; did you mean "cdrom"?'],
  [{ extraConfig: ["a"] }, 'extraConfig: must be an object such as { name: "…" }, not a list'],
  [{ memory: null }, "memory: must be a number (MB), not null: leave it out instead"],
  [
    { disks: [{ size: 4, provisioning: "zeroedthick" }] },
    'disks.0.provisioning: must be one of thin, thick, eagerZeroedThick; did you mean "thick"?',
  ],
  [
    { cdroms: [{ iso: "/vmfs/volumes/datastore1/iso/x.iso" }] },
    'cdroms.0.iso: must be a datastore path like "[datastore1] iso/Core-5.4.iso", instead of /vmfs/volumes/datastore1/iso/Core-5.4.iso',
  ],
  [
    { cdroms: [{ iso: "images/x.iso" }] },
    'cdroms.0.iso: must be a datastore path like "[datastore1] iso/Core-5.4.iso". A DatastoreFile brings a file of your own machine there. Write its datastorePath here',
  ],
  [{ annotation: 4 }, "annotation: must be a text, not a number: put it in quotes"],
  [{ firmware: "EFI" }, 'firmware: must be one of bios, efi; did you mean "efi"?'],
  [{ firmware: null }, "firmware: must be one of bios, efi, not null: leave it out instead"],
])("%j: the form that is needed is said, and what was given", async (settings, said) => {
  expect(await failuresOf(scratchVm, settings)).toContain(said);
});

/** Forms that no message of ours covers would show the validation library's own words. */
test("no message of the validation library reaches people", async () => {
  const wrong: readonly unknown[] = ["a", 3, true, null, [1], [null], { x: 1 }];
  const keys = ["disks", "cdroms", "floppy", "networkInterfaces", "serialPorts", "waitFor", "timeouts"];
  const more = [
    "extraConfig",
    "guestInfo",
    "cloudInit",
    "guest",
    "ignition",
    "sshAuthorizedKeys",
    "autoStart",
    "adopt",
  ];
  for (const key of [...keys, ...more, "memory", "name", "host", "powerOn", "guestId", "bootOrder"]) {
    for (const value of wrong) {
      const said = await failuresOf(scratchVm, { [key]: value });
      expect(
        said.filter((line) => /Invalid |Expected /.test(line)),
        `${key}: ${JSON.stringify(value)}`,
      ).toEqual([]);
    }
  }
});

test("a value is never shown, because it may be secret", () => {
  const schema = v.strictObject({ mode: v.picklist(["full", "linked"], "must be one of full, linked") });
  const issue = v.safeParse(schema, { mode: "hunter2" }).issues?.[0];
  expect(issue && reasonOf(issue, schema)).toBe("must be one of full, linked");
});
