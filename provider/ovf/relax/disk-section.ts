import { attribute, childrenNamed, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import type { EditableFinding } from "./finding.ts";

const STREAM_OPTIMIZED = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
/** Whether hosts accept that format as a VMDK. */
function isVmdk(format: string): boolean {
  const [, behind] = format.toLowerCase().split("vmware.com/", 2);
  return behind?.includes("vmdk") === true;
}

/** Descriptions of disks that a host refuses although it accepts the file itself. The file is checked elsewhere. */
export function findDiskSection(document: OvfDocument): readonly EditableFinding[] {
  const ns = document.root.namespace;
  return childrenNamed(document.root, ns, "DiskSection")
    .flatMap((section) => childrenNamed(section, ns, "Disk"))
    .flatMap((disk) => findDisk(document, disk));
}

function findDisk(document: OvfDocument, disk: XmlElement): readonly EditableFinding[] {
  const ns = document.root.namespace;
  const format = attribute(disk, ns, "format");
  const isOrphan = attribute(disk, ns, "parentRef") === "";
  const isOther = Boolean(attribute(disk, ns, "fileRef")) && !isVmdk(format ?? "");
  if (!isOrphan && !isOther) return [];
  const added =
    isOther && format === undefined ? `xmlns:relaxed="${ns}" relaxed:format="${STREAM_OPTIMIZED}"` : "";
  const change = ({ name, value }: { readonly name: string; readonly value: string }) => {
    if (name === "parentRef" && isOrphan) return undefined;
    return name === "format" && isOther ? STREAM_OPTIMIZED : value;
  };
  const changes = [
    ...(isOrphan ? [["has a parent without a name (ovf:parentRef)", "it has none"] as const] : []),
    ...(isOther
      ? [
          [
            format === undefined ? "names no format" : `is of the format ${format}, which hosts do not take`,
            "it is called the streamOptimized VMDK that it is",
          ] as const,
        ]
      : []),
  ];
  return changes.map(([what, becomes], index) => ({
    line: document.line(disk),
    what: `disk ${attribute(disk, ns, "diskId") ?? ""} ${what}`,
    change: becomes,
    isRefused: true,
    options: undefined,
    // One edit makes all changes.
    edits: index === 0 ? document.retag(disk, undefined, change, added) : [],
  }));
}
