/** The guest operating system of a descriptor, by its vim25 name. */
import { findType } from "../../../schema/index.ts";
import { mappedOsId, type Problems } from "./descriptor-faults.ts";
import { ovfAttribute, ovfChild, vmwAttribute } from "./namespaces.ts";
import { parseQuantity } from "./units.ts";
import type { XmlElement } from "./xml-with-lines.ts";

const FALLBACK = "otherGuest";

/** CIM_OperatingSystem.OSType, the only data that other products write. */
const CIM_TYPES: Readonly<Record<number, string>> = {
  1: FALLBACK,
  14: "dosGuest",
  29: "solaris10Guest",
  36: "otherLinuxGuest",
  42: "freebsdGuest",
  58: "win2000ProGuest",
  67: "winXPProGuest",
  69: "winNetStandardGuest",
  70: "winNetStandard64Guest",
  71: "winXPPro64Guest",
  73: "winVistaGuest",
  74: "winVista64Guest",
  76: "winLonghornGuest",
  77: "winLonghorn64Guest",
  78: "freebsd64Guest",
  79: "rhel6Guest",
  80: "rhel6_64Guest",
  84: "sles11Guest",
  85: "sles11_64Guest",
  93: "ubuntuGuest",
  94: "ubuntu64Guest",
  95: "debian6Guest",
  96: "debian6_64Guest",
  97: "other24xLinuxGuest",
  98: "other24xLinux64Guest",
  99: "other26xLinuxGuest",
  100: "other26xLinux64Guest",
  101: "otherLinux64Guest",
  102: "otherGuest64",
  103: "windows7Server64Guest",
  105: "windows7Guest",
  106: "centosGuest",
  107: "centos64Guest",
  108: "oracleLinuxGuest",
  109: "oracleLinux64Guest",
  113: "windows8Server64Guest",
  114: "windows8Guest",
  115: "windows8_64Guest",
  116: "windows8Server64Guest",
  120: "windows9_64Guest",
};

/** `otherGuest` without an OperatingSystemSection, and for a system that the host does not know. */
export function readGuestId(system: XmlElement, problems: Problems): string {
  const section = ovfChild(system, "OperatingSystemSection");
  if (section === undefined) return FALLBACK;
  const known = findType("VirtualMachineGuestOsIdentifier");
  const osType = vmwAttribute(section, "osType");
  if (osType !== undefined && known?.kind === "enum" && known.values.includes(osType)) return osType;
  const id = parseQuantity(ovfAttribute(section, "id") ?? "") ?? 0;
  const mapped = CIM_TYPES[id];
  if (osType !== undefined || mapped === undefined) {
    const description = osType ?? ovfChild(section, "Description")?.text.trim() ?? "";
    problems.warn(mappedOsId(id, description, mapped ?? FALLBACK));
  }
  return mapped ?? FALLBACK;
}
