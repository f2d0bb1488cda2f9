import { VMW } from "../descriptor/ovf-envelope.ts";
import { attribute, childNamed, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import type { EditableFinding } from "./finding.ts";

const VIRTUALBOX = "http://www.virtualbox.org/ovf/machine";

/** Guests by VirtualBox's names. The first pattern that fits counts. */
const GUESTS: readonly (readonly [called: RegExp, guestId: string])[] = [
  [/^Debian\d*_64$/i, "debian10_64Guest"],
  [/^Ubuntu.*_64$/i, "ubuntu64Guest"],
  [/^RedHat\d*_64$/i, "rhel7_64Guest"],
  [/^Oracle.*_64$/i, "oracleLinux7_64Guest"],
  [/^Fedora_64$/i, "fedora64Guest"],
  [/^OpenSUSE.*_64$|^SUSE.*_64$/i, "opensuse64Guest"],
  [/^(?:Linux|Linux\d+|ArchLinux|Gentoo|Mandriva|Turbolinux|Xandros)_64$/i, "otherLinux64Guest"],
  [/^FreeBSD_64$/i, "freebsd64Guest"],
  [/^Windows1[01]_64$/i, "windows9_64Guest"],
  [/^Windows20(?:16|19|22|25)_64$/i, "windows9Server64Guest"],
  [/^Windows(?:8|81)_64$/i, "windows8_64Guest"],
  [/^Windows2012_64$/i, "windows8Server64Guest"],
  [/^Windows7_64$/i, "windows7_64Guest"],
  [/^Windows2008_64$/i, "windows7Server64Guest"],
  [/^Solaris.*_64$|^OpenSolaris_64$/i, "solaris11_64Guest"],
  [/_64$/, "otherGuest64"],
];

/** VirtualBox's own words about the guest, which a host does not know: its system and its firmware. */
export function findGuest(
  document: OvfDocument,
  system: XmlElement,
  section: XmlElement,
): readonly EditableFinding[] {
  return [...guestSystem(document, system), ...firmware(document, system, section)];
}

/** For most 64-bit systems that VirtualBox names, a host finds no number, and treats them as 32-bit ones. */
function guestSystem(document: OvfDocument, system: XmlElement): readonly EditableFinding[] {
  const section = childNamed(system, system.namespace, "OperatingSystemSection");
  if (section === undefined || attribute(section, VMW, "osType") !== undefined) return [];
  const own =
    childNamed(section, VIRTUALBOX, "OSType") ?? childNamed(section, system.namespace, "Description");
  const called = own?.text.trim() ?? "";
  const guestId = GUESTS.find(([name]) => name.test(called))?.[1];
  if (guestId === undefined) return [];
  return [
    {
      line: document.line(section),
      what: `VirtualBox calls its guest ${called}`,
      change: `the host is told ${guestId}; guestId says otherwise`,
      isRefused: false,
      options: undefined,
      edits: document.addAttribute(section, `xmlns:relax="${VMW}" relax:osType="${guestId}"`),
    },
  ];
}

/**
 * VirtualBox says only in its own settings that a machine has EFI. Without EFI such a machine finds nothing to boot.
 */
function firmware(
  document: OvfDocument,
  system: XmlElement,
  section: XmlElement,
): readonly EditableFinding[] {
  const machine = childNamed(system, VIRTUALBOX, "Machine");
  const own =
    machine &&
    [...document.elements(machine)].find(
      (element) => element.name === "Firmware" && /^EFI/i.test(attribute(element, "", "type") ?? ""),
    );
  const isSaid = section.children.some(
    (child) =>
      child.namespace === VMW && child.name === "Config" && attribute(child, VMW, "key") === "firmware",
  );
  if (own === undefined || isSaid) return [];
  const required = `xmlns:relaxed="${system.namespace}" relaxed:required="false"`;
  return [
    {
      line: document.line(own),
      what: "its firmware is EFI, which only VirtualBox's own settings say",
      change: "the machine gets EFI",
      isRefused: false,
      options: undefined,
      edits: document.append(
        section,
        `<relax:Config xmlns:relax="${VMW}" ${required} relax:key="firmware" relax:value="efi"/>`,
      ),
    },
  ];
}
