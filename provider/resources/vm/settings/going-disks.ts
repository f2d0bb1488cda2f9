import type { Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { entriesOf } from "./entries.ts";

/** Says in the resource's row what happens to disks that are in state but not in the program any more. */
export function goingDisks(olds: Properties, news: Properties): string[] {
  if (!Array.isArray(news.disks) || isUnknown(news.disks)) return [];
  const staying = new Set(entriesOf(news.disks).map(({ label }) => label));
  const going = entriesOf(olds.disks).filter(({ label }) => !staying.has(label));
  const labels = (entries: readonly Properties[]) =>
    entries.map(({ label }) => `"${String(label)}"`).join(", ");
  const isDetached = ({ attach, keepOnRemove }: Properties) => attach !== undefined || keepOnRemove === true;
  const detached = going.filter(isDetached);
  const deleted = going.filter((disk) => !isDetached(disk));
  // Disks of an OVA or a source are left alone, and state does not tell them from others.
  const maybe = deleted.some(({ label }) => /^disk\d+$/.test(String(label)));
  return [
    ...(detached.length > 0 ? [`detach, files stay: disks ${labels(detached)}`] : []),
    ...(deleted.length > 0
      ? [`delete with their data${maybe ? ", unless the VM came with them" : ""}: disks ${labels(deleted)}`]
      : []),
  ];
}
