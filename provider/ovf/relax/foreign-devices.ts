import type { OvfDocument } from "./document.ts";
import type { Edit } from "./edits.ts";
import type { EditableFinding } from "./finding.ts";
import { field, type Item, RESOURCE } from "./items.ts";

/** One kind of device on a host. */
interface Kind {
  readonly called: string;
  /** In lower case; undefined if the host does not care. */
  readonly known: readonly string[] | undefined;
  /** The replacement for other types: the first whose pattern fits the type's name, otherwise the last. */
  readonly instead: readonly (readonly [name: RegExp, subType: string])[];
}

const ANY = (called: string): Kind => ({ called, known: undefined, instead: [] });

/** How a host can provide the hardware items of another maker's machine, by CIM's number of the type. */
const KINDS: Readonly<Record<string, Kind>> = {
  [RESOURCE.processor]: ANY("processor"),
  [RESOURCE.memory]: ANY("memory"),
  [RESOURCE.ide]: ANY("IDE controller"),
  [RESOURCE.scsi]: {
    called: "SCSI controller",
    known: ["lsilogic", "buslogic", "lsilogicsas", "virtualscsi"],
    instead: [
      [/sas/, "lsilogicsas"],
      [/bus/, "buslogic"],
      [/./, "lsilogic"],
    ],
  },
  [RESOURCE.ethernet]: {
    called: "network adapter",
    known: ["e1000", "e1000e", "pcnet32", "vmxnet", "vmxnet2", "vmxnet3"],
    instead: [
      [/pcnet|am79c97/, "PCNet32"],
      [/./, "E1000"],
    ],
  },
  [RESOURCE.floppy]: ANY("floppy drive"),
  [RESOURCE.cdrom]: ANY("CD drive"),
  [RESOURCE.dvd]: ANY("DVD drive"),
  [RESOURCE.disk]: ANY("disk"),
  [RESOURCE.logicalDisk]: ANY("disk"),
  [RESOURCE.video]: ANY("video card"),
  [RESOURCE.storage]: {
    called: "storage controller",
    known: ["vmware.sata.ahci", "vmware.nvme.controller"],
    instead: [
      [/nvme/, "vmware.nvme.controller"],
      [/./, "vmware.sata.ahci"],
    ],
  },
  [RESOURCE.usb]: {
    called: "USB controller",
    known: ["vmware.usb.ehci", "vmware.usb.xhci"],
    instead: [
      [/xhci|usb3/, "vmware.usb.xhci"],
      [/./, "vmware.usb.ehci"],
    ],
  },
};

/** Kinds for which the host chooses the type itself. Another maker's type must not be given. */
const NO_SUBTYPE: readonly string[] = [RESOURCE.ide, RESOURCE.cdrom, RESOURCE.dvd, RESOURCE.floppy];
/** The host adds the rest at power-on. */
const MEMORY_STEP_MB = 4;

/** Devices that no host has. */
export function lacksEverywhere(document: OvfDocument, item: Item): readonly EditableFinding[] {
  return item.resourceType === RESOURCE.sound && item.required
    ? [leftOut(document, item, `it needs the sound card ${named(item)}, which a host does not have`)]
    : [];
}

/** A device of another maker that a host does not know. */
export function foreignDevice(document: OvfDocument, item: Item): readonly EditableFinding[] {
  const { resourceType, subTypes } = item;
  const kind = KINDS[resourceType];
  // Problems of every machine are reported once, elsewhere.
  if (resourceType === RESOURCE.sound) return [];
  if (resourceType === RESOURCE.memory) return wholeMemory(document, item);
  if (NO_SUBTYPE.includes(resourceType)) return withoutSubType(document, item);
  if (kind === undefined) {
    const isVmwares = resourceType === RESOURCE.other && subTypes.some((one) => one.startsWith("vmware."));
    if (isVmwares || !item.required) return [];
    const what = `it needs ${named(item)} (device type ${resourceType}), which a host may not have`;
    return [leftOut(document, item, what)];
  }
  if (kind.known === undefined || subTypes.length === 0) return [];
  if (subTypes.some((one) => kind.known?.includes(one))) return [];
  const subType = kind.instead.find(([name]) => subTypes.some((one) => name.test(one)))?.[1];
  const written = field(item, "ResourceSubType");
  if (subType === undefined || written === undefined) return [];
  const sort = written.text.trim();
  return [
    {
      line: document.line(item.element),
      what: `its ${kind.called} ${named(item)} is of the type ${sort}, which a host does not know by that name`,
      change: `it becomes ${subType}`,
      isRefused: true,
      options: item.options,
      edits: document.setText(written, subType),
    },
  ];
}

/** A device that the machine is made without, because the host does not have it. */
export function leftOut(document: OvfDocument, item: Item, what: string): EditableFinding {
  return {
    line: document.line(item.element),
    what,
    change: "the machine is made without it",
    isRefused: true,
    options: item.options,
    edits: mayBeMissing(document, item),
  };
}

function mayBeMissing(document: OvfDocument, { element }: Item): readonly Edit[] {
  const written = document.prefix(element) === "" ? "required" : `${document.prefix(element)}required`;
  return document.setAttribute(element, "required", "false", written);
}

function withoutSubType(document: OvfDocument, item: Item): readonly EditableFinding[] {
  const written = field(item, "ResourceSubType");
  if (written === undefined || item.subTypes.some((one) => one.startsWith("vmware."))) return [];
  const called = KINDS[item.resourceType]?.called ?? "device";
  return [
    {
      line: document.line(item.element),
      what: `its ${called} ${named(item)} is of the type ${written.text.trim()}`,
      change: "the host takes its own",
      isRefused: false,
      options: item.options,
      edits: document.remove(written),
    },
  ];
}

/** A host does not start a machine whose memory is not a multiple of 4 MB. */
function wholeMemory(document: OvfDocument, item: Item): readonly EditableFinding[] {
  const quantity = field(item, "VirtualQuantity");
  const units = field(item, "AllocationUnits")?.text.trim() ?? "";
  const megabytes = Number(quantity?.text.trim());
  if (quantity === undefined || !/^(?:megabytes|mb|byte\s{0,9}\*\s{0,9}2\^20)$/i.test(units)) return [];
  if (!Number.isSafeInteger(megabytes) || megabytes % MEMORY_STEP_MB === 0) return [];
  const more = Math.ceil(megabytes / MEMORY_STEP_MB) * MEMORY_STEP_MB;
  return [
    {
      line: document.line(item.element),
      what: `it has ${megabytes} MB of memory, and a host starts only machines with a multiple of 4`,
      change: `it gets ${more} MB`,
      isRefused: false,
      options: item.options,
      edits: document.setText(quantity, String(more)),
    },
  ];
}

/** The name of an item for people. */
export const named = ({ name, instanceId }: Item): string => JSON.stringify(name || `item ${instanceId}`);
