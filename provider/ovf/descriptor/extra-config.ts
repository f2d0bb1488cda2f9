import type { XmlElement } from "../xml/xml.ts";
import type { OvfExtraConfig } from "./descriptor.ts";

/** What a setting is about, by the first letters of its key, for people who do not know the key. */
const SUBJECTS: readonly (readonly [prefix: string, subject: string])[] = [
  ["remotedisplay.", "shows the machine's screen on the network"],
  ["isolation.", "what guest and host may exchange"],
  ["guestinfo.", "read by programs in the guest"],
  ["tools.", "what VMware Tools do"],
  ["sched.", "its share of the host"],
  ["monitor", "how the host's processor is shown to it"],
  ["hypervisor.", "how the host's processor is shown to it"],
  ["cpuid.", "how the host's processor is shown to it"],
  ["pcipassthru", "devices of the host that it gets"],
  ["log.", "what the host writes down of it"],
  ["disk.", "how its disks are shown to it"],
  ["scsi", "its drives"],
  ["sata", "its drives"],
  ["nvme", "its drives"],
  ["ide", "its drives"],
  ["floppy", "its drives"],
  ["ethernet", "its network adapters"],
  ["serial", "its ports, which may be files of the host"],
  ["parallel", "its ports, which may be files of the host"],
];

/**
 * The advanced settings of a descriptor, in any place and any namespace. This may find more than a host takes for
 * settings, but never less.
 */
export function extraConfigOf(root: XmlElement): readonly OvfExtraConfig[] {
  const own = root.name === "ExtraConfig" ? [{ key: value(root, "key"), value: value(root, "value") }] : [];
  return [...own, ...root.children.flatMap(extraConfigOf)];
}

const value = (element: XmlElement, name: string): string =>
  element.attributes.find((attribute) => attribute.name === name)?.value ?? "";

/** Whether a setting only says which file of the package is the machine's NVRAM. Exports of EFI machines have it. */
export const isPackageFile = ({ key, value }: OvfExtraConfig): boolean =>
  key.toLowerCase() === "nvram" && /^ovf:\/file\/[^/]+$/.test(value);

/** A key, with what it is about. */
export function describeKey(key: string): string {
  const lower = key.toLowerCase();
  const subject = SUBJECTS.find(([prefix]) => lower.startsWith(prefix))?.[1];
  const shown = /^[\w.:-]{1,80}$/.test(key) ? key : JSON.stringify(key.slice(0, 80));
  return subject === undefined ? shown : `${shown} (${subject})`;
}
