import type { OvfDocument } from "../relax/document.ts";
import type { Finding } from "../relax/finding.ts";
import { relaxed } from "../relax/relax.ts";
import { attribute, childNamed, childrenNamed, type XmlElement } from "../xml/xml.ts";
import {
  defaultOption,
  type OvfAdapter,
  type OvfDeploymentOption,
  type OvfDescriptor,
  type OvfDisk,
  type OvfFamilies,
  type OvfFileReference,
  type OvfHardware,
  type OvfNetwork,
  type OvfProperty,
  type OvfVirtualSystem,
} from "./descriptor.ts";
import { extraConfigOf } from "./extra-config.ts";
import { cim, readHardwareItems } from "./hardware-items.ts";
import { OvfDescriptorError } from "./ovf-descriptor-error.ts";
import { OVF_1, OVF_2, VMW } from "./ovf-envelope.ts";
import { isRequired } from "./properties.ts";
import { bytesPerUnit } from "./units.ts";

/**
 * Limits far above every real descriptor. Each of these is looked up among all of another kind, so many would be slow.
 */
const MAX_FILES = 1000;
const MAX_OPTIONS = 1000;

/** OVF's namespace with a slash at its end. */
const OVIRT = `${OVF_1}/`;

const PROCESSOR = "3";
const MEMORY = "4";

/**
 * Parses an OVF 1.x or 2.x descriptor with one VM, and descriptors that can be read as one: drafts of OVF, and vApps of
 * one VM. `findings` says whether a host accepts it.
 * @throws OvfDescriptorError if it is not well-formed XML, defines entities, is no OVF envelope, has no VM or several,
 * or contradicts itself
 */
export function parseDescriptor(xml: string): OvfDescriptor {
  const { readable, findings } = relaxed(xml);
  const { root } = readable;
  if (root.name !== "Envelope" || (root.namespace !== OVF_1 && root.namespace !== OVF_2)) {
    const ovirt =
      root.namespace === OVIRT
        ? ". oVirt and its descendants write this for disks and devices of KVM. virt-v2v can convert it"
        : "";
    throw new OvfDescriptorError(
      `the root element is <${root.name}> of namespace "${root.namespace}" and not an OVF 1.x or 2.x <Envelope> ` +
        `(line ${readable.line(root)})${ovirt}`,
    );
  }
  return new EnvelopeReader(readable).read(findings);
}

class EnvelopeReader {
  readonly #document: OvfDocument;
  readonly #root: XmlElement;
  readonly #ns: string;
  readonly #strings: ReadonlyMap<string, string>;

  constructor(document: OvfDocument) {
    const { root } = document;
    this.#document = document;
    this.#root = root;
    this.#ns = root.namespace;
    const bundle = childNamed(root, this.#ns, "Strings");
    this.#strings = new Map(
      bundle === undefined
        ? []
        : childrenNamed(bundle, this.#ns, "Msg").map((msg) => [this.#attr(msg, "msgid") ?? "", msg.text]),
    );
  }

  read(findings: readonly Finding[]): OvfDescriptor {
    const system = this.#virtualSystem(findings);
    const written = this.#items("References", "File");
    const files = written.map((file) => this.#file(file));
    if (files.length > MAX_FILES) {
      throw new OvfDescriptorError(`the descriptor names more than ${MAX_FILES} files, so it is refused`);
    }
    this.#requireUnique(
      files.map((file) => file.id),
      written,
      "file id",
    );
    this.#requireUnique(
      files.map((file) => file.href),
      written,
      "file href",
    );
    const ids = new Set(files.map((file) => file.id));
    const described = this.#items("DiskSection", "Disk");
    const disks = described.map((disk) => this.#disk(disk, ids));
    this.#requireUnique(
      disks.map((disk) => disk.diskId),
      described,
      "disk id",
    );
    const deploymentOptions = this.#items("DeploymentOptionSection", "Configuration").map((it) =>
      this.#option(it),
    );
    const option = defaultOption({ deploymentOptions });
    const products = [this.#root, system].flatMap((parent) =>
      childrenNamed(parent, this.#ns, "ProductSection"),
    );
    const own = (product: XmlElement) => childrenNamed(product, this.#ns, "Property");
    const properties = products.flatMap((product) => {
      const options = this.#options(product);
      return own(product).map((property) => this.#property(property, product, options, option));
    });
    this.#requireUnique(
      properties.map((property) => property.key),
      products.flatMap(own),
      "property",
    );
    const sections = childrenNamed(system, this.#ns, "VirtualHardwareSection");
    const hardware = sections[0];
    return {
      ovfVersion: this.#ns === OVF_1 ? "1.x" : "2.x",
      files,
      disks,
      networks: this.#items("NetworkSection", "Network").map((network) => this.#network(network)),
      adapters: sections.flatMap((section) => this.#adapters(section)),
      deploymentOptions,
      properties,
      eulas: [this.#root, system]
        .flatMap((parent) => childrenNamed(parent, this.#ns, "EulaSection"))
        .map((eula) => this.#textOf(eula, "License")),
      virtualSystem: this.#system(system),
      hardware: { ...this.#hardware(hardware, option), families: this.#families(sections) },
      findings,
      items: sections.flatMap((section) => readHardwareItems(section, (item) => this.#options(item))),
      transports: ((hardware && this.#attr(hardware, "transport")) ?? "").split(/\s+/).filter(Boolean),
      extraConfig: extraConfigOf(this.#root),
    };
  }

  /** The one VM. A descriptor with several is for another kind of resource. */
  #virtualSystem(findings: readonly Finding[]): XmlElement {
    const systems = childrenNamed(this.#root, this.#ns, "VirtualSystem");
    const collection = childNamed(this.#root, this.#ns, "VirtualSystemCollection");
    if (collection !== undefined) {
      throw new OvfDescriptorError(
        `the descriptor is a vApp (VirtualSystemCollection, ${this.#line(collection)}), which a host without vCenter cannot ` +
          "hold, and relax: true accepts only a vApp of one VM. Split it into one OVF for each VM",
      );
    }
    const system = systems[0];
    if (system === undefined) {
      const why = findings.map(({ what }) => `; ${what}`).join("");
      throw new OvfDescriptorError(`the descriptor has no VirtualSystem, so no VM to deploy${why}`);
    }
    if (systems.length > 1) {
      throw new OvfDescriptorError(
        `the descriptor has ${systems.length} VirtualSystems (the second in ${this.#line(systems[1] ?? system)}), but ` +
          "only one VM for each OVF is supported",
      );
    }
    return system;
  }

  #file(file: XmlElement): OvfFileReference {
    const href = this.#required(file, "href");
    const compression = this.#attr(file, "compression")?.trim().toLowerCase();
    if (compression !== undefined && !["", "identity", "gzip"].includes(compression)) {
      throw new OvfDescriptorError(
        `file ${href} (${this.#line(file)}) is compressed with ${compression}, but only gzip and identity are supported`,
      );
    }
    const chunkSizeBytes = this.#count(file, "chunkSize");
    return {
      id: this.#required(file, "id"),
      href,
      sizeBytes: this.#count(file, "size"),
      compression: compression === "gzip" ? "gzip" : undefined,
      chunkSizeBytes: chunkSizeBytes === 0 ? undefined : chunkSizeBytes,
    };
  }

  #disk(disk: XmlElement, files: ReadonlySet<string>): OvfDisk {
    const diskId = this.#required(disk, "diskId");
    const fileRef = this.#attr(disk, "fileRef") || undefined;
    if (fileRef !== undefined && !files.has(fileRef)) {
      throw new OvfDescriptorError(
        `disk ${diskId} (${this.#line(disk)}) refers to file ${fileRef}, which is not in References`,
      );
    }
    const capacity = this.#attr(disk, "capacity")?.trim() ?? "";
    const unit = bytesPerUnit(this.#attr(disk, "capacityAllocationUnits") || "byte");
    const property = /^\$\{(.+)\}$/.exec(capacity)?.[1];
    const bytes = /^\d+$/.test(capacity) && unit !== undefined ? Number(capacity) * unit : undefined;
    return {
      diskId,
      fileRef,
      capacityBytes: Number.isSafeInteger(bytes) ? bytes : undefined,
      capacityFrom: property === undefined ? undefined : { property, unitBytes: unit },
      format: this.#attr(disk, "format"),
      problem: this.#diskProblem(disk, diskId, {
        capacity,
        isNumber: bytes !== undefined || property !== undefined,
      }),
    };
  }

  #diskProblem(
    disk: XmlElement,
    diskId: string,
    size: { readonly capacity: string; readonly isNumber: boolean },
  ): string | undefined {
    const which = `disk ${diskId} (${this.#line(disk)})`;
    if (this.#attr(disk, "parentRef")) {
      return (
        `${which} holds only what differs from another disk (ovf:parentRef), and hosts need whole disks: export the ` +
        "machine without its snapshots"
      );
    }
    if (size.capacity === "") return `${which} has no ovf:capacity, so its size is unknown`;
    const units = this.#attr(disk, "capacityAllocationUnits");
    return size.isNumber
      ? undefined
      : `${which} has the capacity ${size.capacity}${units === undefined ? "" : ` in units of ${units}`}, which is no ` +
          "whole number of bytes";
  }

  #network(network: XmlElement): OvfNetwork {
    return { name: this.#required(network, "name") };
  }

  #option(option: XmlElement): OvfDeploymentOption {
    return {
      id: this.#required(option, "id"),
      label: this.#textOf(option, "Label"),
      description: this.#textOf(option, "Description"),
      isDefault: isTrue(this.#attr(option, "default")),
    };
  }

  #property(
    property: XmlElement,
    product: XmlElement,
    productOptions: readonly string[] | undefined,
    option: string | undefined,
  ): OvfProperty {
    const id = this.#required(property, "key");
    const parts = [this.#attr(product, "class"), id, this.#attr(product, "instance")];
    const qualifiers = [this.#attr(property, "qualifiers"), attribute(property, VMW, "qualifiers")];
    const values = childrenNamed(property, this.#ns, "Value");
    const perOption = values.flatMap((value): [string, string][] => {
      const configuration = this.#attr(value, "configuration");
      return configuration === undefined ? [] : [[configuration, this.#attr(value, "value") ?? ""]];
    });
    const general = values.find((value) => this.#attr(value, "configuration") === undefined);
    const parsed = {
      key: parts.filter(Boolean).join("."),
      id,
      type: this.#attr(property, "type") ?? "string",
      qualifiers: [...new Set(qualifiers.filter(Boolean))].join(" "),
      defaultValue: this.#attr(property, "value") ?? (general && this.#attr(general, "value")),
      defaultByOption: new Map(perOption),
      options: this.#options(property) ?? productOptions,
      userConfigurable: isTrue(this.#attr(property, "userConfigurable")),
      label: this.#textOf(property, "Label"),
    };
    return { ...parsed, required: isRequired(parsed, option) };
  }

  #system(system: XmlElement): OvfVirtualSystem {
    const id = this.#required(system, "id");
    const os = childNamed(system, this.#ns, "OperatingSystemSection");
    const osType = os && this.#attr(os, "id");
    return {
      id,
      name: this.#textOf(system, "Name") || id,
      guestId: (os && attribute(os, VMW, "osType")) || undefined,
      osType: osType !== undefined && /^\d+$/.test(osType) ? Number(osType) : undefined,
    };
  }

  #hardware(section: XmlElement | undefined, option: string | undefined): Omit<OvfHardware, "families"> {
    const items = section === undefined ? [] : childrenNamed(section, this.#ns, "Item");
    // An item of the chosen option replaces the general one of the same kind.
    const quantity = (resourceType: string): { value: number; units: string } | undefined => {
      const candidates = items.filter((item) => {
        const options = this.#options(item);
        return (
          cim(item, "ResourceType") === resourceType &&
          (!options || (option !== undefined && options.includes(option)))
        );
      });
      const item = candidates.find((candidate) => this.#options(candidate) !== undefined) ?? candidates[0];
      const value = Number(item === undefined ? Number.NaN : cim(item, "VirtualQuantity"));
      return item !== undefined && value > 0 ? { value, units: cim(item, "AllocationUnits") } : undefined;
    };
    const memory = quantity(MEMORY);
    const memoryUnit = memory && bytesPerUnit(memory.units || "byte * 2^20");
    return {
      numCpus: quantity(PROCESSOR)?.value,
      memoryMb: memory && memoryUnit !== undefined ? (memory.value * memoryUnit) / 2 ** 20 : undefined,
    };
  }

  /** From all sections, because a host uses the first that it supports. A section without a family suits every host. */
  #families(sections: readonly XmlElement[]): OvfFamilies | undefined {
    const named = sections.map((section) => {
      const system = childNamed(section, this.#ns, "System");
      return system?.children.find(({ name, text }) => name === "VirtualSystemType" && text.trim() !== "");
    });
    const [first] = named;
    if (first === undefined || named.includes(undefined)) return undefined;
    const families = named.flatMap((family) => family?.text.split(/[\s,]+/).filter(Boolean) ?? []);
    const versions = families.flatMap((family) => /^vmx-(\d{1,4})$/i.exec(family)?.[1] ?? []).map(Number);
    return { versions, text: families.join(", "), line: this.#document.line(first) };
  }

  /** Every item that is connected to a network is an adapter, whatever its kind. */
  #adapters(section: XmlElement): OvfAdapter[] {
    return section.children.flatMap((item) => {
      const network = cim(item, "Connection");
      return network === "" ? [] : [{ network, options: this.#options(item) }];
    });
  }

  #items(section: string, item: string): readonly XmlElement[] {
    return childrenNamed(this.#root, this.#ns, section).flatMap((it) => childrenNamed(it, this.#ns, item));
  }

  #options(element: XmlElement): readonly string[] | undefined {
    const options = this.#attr(element, "configuration")?.split(/\s+/).filter(Boolean);
    if (options !== undefined && options.length > MAX_OPTIONS) {
      throw new OvfDescriptorError(
        `a <${element.name}> of the descriptor is for more than ${MAX_OPTIONS} deployment options, so it is refused`,
      );
    }
    return options;
  }

  /** The text of a child in the descriptor's own language. If the child is empty, the text is found by its `msgid`. */
  #textOf(parent: XmlElement, name: string): string {
    const child = childNamed(parent, this.#ns, name);
    if (child === undefined) return "";
    const text = child.text.trim();
    return text !== "" ? text : (this.#strings.get(this.#attr(child, "msgid") ?? "") ?? "").trim();
  }

  #attr(element: XmlElement, name: string): string | undefined {
    return attribute(element, this.#ns, name);
  }

  #line(element: XmlElement): string {
    return `line ${this.#document.line(element)}`;
  }

  #required(element: XmlElement, name: string): string {
    const value = this.#attr(element, name);
    if (value === undefined || value === "") {
      throw new OvfDescriptorError(
        `a <${element.name}> of the descriptor has no ${name} (${this.#line(element)})`,
      );
    }
    return value;
  }

  /** @param elements The elements with these names, in the same order. */
  #requireUnique(names: readonly string[], elements: readonly XmlElement[], what: string): void {
    const seen = new Set<string>();
    for (const [index, name] of names.entries()) {
      const element = elements[index];
      if (seen.has(name) && element !== undefined) {
        throw new OvfDescriptorError(
          `the descriptor has the ${what} ${JSON.stringify(name)} twice (${this.#line(element)})`,
        );
      }
      seen.add(name);
    }
  }

  #count(element: XmlElement, name: string): number | undefined {
    const text = this.#attr(element, name)?.trim();
    if (text === undefined || text === "") return undefined;
    // Some tools write -1 for "not known". The host does not need the size.
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) return undefined;
    return Number(text);
  }
}

function isTrue(text: string | undefined): boolean {
  return /^(true|1)$/i.test(text?.trim() ?? "");
}
