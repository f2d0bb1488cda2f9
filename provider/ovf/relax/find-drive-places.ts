import { escapeXml, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import type { EditableFinding } from "./finding.ts";
import { named } from "./foreign-devices.ts";
import { field, type Item, itemsOf, meet, RESOURCE } from "./items.ts";

const DRIVES: readonly string[] = [RESOURCE.cdrom, RESOURCE.dvd, RESOURCE.disk, RESOURCE.logicalDisk];
/** How many drives a controller has room for, and which place it uses itself. */
const CONTROLLERS: Readonly<Record<string, { readonly units: number; readonly reserved?: number }>> = {
  [RESOURCE.ide]: { units: 2 },
  [RESOURCE.scsi]: { units: 16, reserved: 7 },
  [RESOURCE.storage]: { units: 30 },
};
/** Every machine has this number of IDE controllers. */
const IDE_CONTROLLERS = 2;
const FLOPPY_DRIVES = 2;

interface PlacedDrive {
  readonly item: Item;
  readonly controller: Item;
  readonly unit: number;
}

/**
 * Gives each drive its own place. VirtualBox has written several drives with the same place, and more drives on one IDE
 * controller than VMware's has room for. A machine does not start if an IDE controller has a second drive and no first
 * one.
 */
export function findPlaces(document: OvfDocument, section: XmlElement): readonly EditableFinding[] {
  const items = itemsOf(section);
  const drives = items.filter(({ resourceType }) => DRIVES.includes(resourceType));
  const placed = mastersFirst(place(items, drives));
  const added = new Set<string>();
  const moved = placed.flatMap(({ item, controller, unit }): readonly EditableFinding[] => {
    const [parent, address] = [field(item, "Parent"), field(item, "AddressOnParent")];
    if (parent === undefined) return withController(document, item, controller, unit);
    const isNew = !items.includes(controller);
    const sameController = parent.text.trim() === controller.instanceId;
    if (sameController && address !== undefined && Number(address.text.trim()) === unit) return [];
    // A drive without a place gets one from the host.
    if (sameController && address === undefined) return [];
    const places =
      address === undefined
        ? document.insertAfter(
            parent,
            `<${document.prefix(parent)}AddressOnParent>${unit}</${document.prefix(parent)}AddressOnParent>`,
          )
        : document.setText(address, String(unit));
    const edits = [...places, ...(sameController ? [] : document.setText(parent, controller.instanceId))];
    if (isNew && !added.has(controller.instanceId)) {
      added.add(controller.instanceId);
      edits.push(...document.insertAfter(item.element, ideController(document, item, controller)));
    }
    return [
      {
        line: document.line(item.element),
        what: `its drive ${named(item)} has a place that is taken, or with which the machine would not start`,
        change: `it is put at place ${unit} of the controller ${named(controller)}`,
        isRefused: false,
        options: item.options,
        edits,
      },
    ];
  });
  return [...moved, ...floppies(document, items)];
}

/**
 * A drive without a controller gets the first one with room. It gets one of another kind only if its own kind has no
 * room.
 */
function withController(
  document: OvfDocument,
  item: Item,
  controller: Item,
  unit: number,
): readonly EditableFinding[] {
  const [first] = item.element.children;
  const next = field(item, "ResourceSubType") ?? field(item, "ResourceType");
  if (first === undefined || next === undefined) return [];
  const rasd = document.prefix(next);
  const address = field(item, "AddressOnParent");
  const place =
    address === undefined
      ? document.insertBefore(first, `<${rasd}AddressOnParent>${unit}</${rasd}AddressOnParent>`)
      : document.setText(address, String(unit));
  const parent = `<${rasd}Parent>${escapeXml(controller.instanceId)}</${rasd}Parent>`;
  return [
    {
      line: document.line(item.element),
      what: `its drive ${named(item)} names no controller`,
      change: `it is put at place ${unit} of the controller ${named(controller)}`,
      isRefused: false,
      options: item.options,
      edits: [...place, ...document.insertBefore(next, parent)],
    },
  ];
}

/** Each drive in the place that it asks for if that is free, otherwise in the first free place. */
function place(items: readonly Item[], drives: readonly Item[]): readonly PlacedDrive[] {
  const controllers = items.filter(({ resourceType }) => CONTROLLERS[resourceType] !== undefined);
  const placed: PlacedDrive[] = [];
  const isFree = (item: Item, controller: Item, unit: number) => {
    const room = CONTROLLERS[controller.resourceType];
    if (room === undefined || unit >= room.units || unit === room.reserved) return false;
    return !placed.some(
      (other) => other.controller === controller && other.unit === unit && meet(other.item, item),
    );
  };
  const take = (item: Item, controller: Item): boolean => {
    const wanted = Number(field(item, "AddressOnParent")?.text.trim() || Number.NaN);
    const all = Array.from({ length: CONTROLLERS[controller.resourceType]?.units ?? 0 }, (_, unit) => unit);
    const unit = [wanted, ...all].find(
      (candidate) => Number.isInteger(candidate) && candidate >= 0 && isFree(item, controller, candidate),
    );
    if (unit === undefined) return false;
    placed.push({ item, controller, unit });
    return true;
  };
  for (const item of drives) {
    const parent = field(item, "Parent")?.text.trim();
    const own = controllers.find(({ instanceId }) => instanceId === parent);
    if (parent === undefined) {
      const suitable = kindsFor(item).flatMap((kind) =>
        controllers.filter(({ resourceType }) => resourceType === kind),
      );
      suitable.some((controller) => take(item, controller));
      continue;
    }
    if (own === undefined || take(item, own) || own.resourceType !== RESOURCE.ide) continue;
    const others = controllers.filter(
      (controller) => controller !== own && controller.resourceType === RESOURCE.ide,
    );
    if (others.some((controller) => take(item, controller)) || others.length + 1 >= IDE_CONTROLLERS) continue;
    const further: Item = { ...own, instanceId: freeId(items), name: "IDE controller" };
    controllers.push(further);
    take(item, further);
  }
  return placed;
}

/** The kinds of controllers that are tried first for a drive. */
const kindsFor = ({ resourceType }: Item): readonly string[] =>
  resourceType === RESOURCE.disk || resourceType === RESOURCE.logicalDisk
    ? [RESOURCE.scsi, RESOURCE.storage, RESOURCE.ide]
    : [RESOURCE.ide, RESOURCE.storage, RESOURCE.scsi];

const freeId = (items: readonly Item[]): string =>
  String(Math.max(0, ...items.map(({ instanceId }) => Number(instanceId) || 0)) + 1);

/** A machine does not start if an IDE controller has only a second drive. */
function mastersFirst(placed: readonly PlacedDrive[]): readonly PlacedDrive[] {
  return placed.map((drive) => {
    const { controller, unit, item } = drive;
    const isAlone =
      controller.resourceType === RESOURCE.ide &&
      unit === 1 &&
      !placed.some((other) => other.controller === controller && other.unit === 0 && meet(other.item, item));
    return isAlone ? { ...drive, unit: 0 } : drive;
  });
}

/** Written in one line, so that the text behind it stays on its line. */
function ideController(document: OvfDocument, { element }: Item, controller: Item): string {
  // It is a copy of the controller that is full, so its fields still have that one's values.
  const address = field(controller, "Address")?.text.trim() === "1" ? "0" : "1";
  const own = document.prefix(element);
  const [sibling] = element.children;
  const rasd = sibling === undefined ? "" : document.prefix(sibling);
  const fields = [
    ["Address", address],
    ["ElementName", controller.name],
    ["InstanceID", controller.instanceId],
    ["ResourceType", RESOURCE.ide],
  ];
  const written = fields.map(([name, value = ""]) => `<${rasd}${name}>${escapeXml(value)}</${rasd}${name}>`);
  return `<${own}Item>${written.join("")}</${own}Item>`;
}

/** Floppy drives have a controller with two places in every machine. */
function floppies(document: OvfDocument, items: readonly Item[]): readonly EditableFinding[] {
  const drives = items.filter(({ resourceType }) => resourceType === RESOURCE.floppy);
  return drives.flatMap((item, index): EditableFinding[] => {
    const address = field(item, "AddressOnParent");
    const before = drives.slice(0, index).filter((other) => meet(other, item));
    const unit = before.length;
    const isTaken = before.some(
      (other) => field(other, "AddressOnParent")?.text.trim() === address?.text.trim(),
    );
    if (address === undefined || !isTaken || unit >= FLOPPY_DRIVES) return [];
    return [
      {
        line: document.line(item.element),
        what: `its floppy drive ${named(item)} has the place of another one`,
        change: `it is put at place ${unit}`,
        isRefused: false,
        options: item.options,
        edits: document.setText(address, String(unit)),
      },
    ];
  });
}
