import type { Finding } from "../relax/finding.ts";
import type { OvfHardwareItem } from "./hardware-items.ts";

/** The parts of an OVF descriptor that are needed to deploy one VM. */
export interface OvfDescriptor {
  /** `1.x` or `2.x`. */
  readonly ovfVersion: "1.x" | "2.x";
  readonly files: readonly OvfFileReference[];
  readonly disks: readonly OvfDisk[];
  readonly networks: readonly OvfNetwork[];
  readonly adapters: readonly OvfAdapter[];
  readonly deploymentOptions: readonly OvfDeploymentOption[];
  readonly properties: readonly OvfProperty[];
  /** Text of each licence, in the descriptor's own language. */
  readonly eulas: readonly string[];
  readonly virtualSystem: OvfVirtualSystem;
  /** The hardware of the default deployment option. */
  readonly hardware: OvfHardware;
  /** The parts that a host does not accept as they are, and how `relax` changes them. */
  readonly findings: readonly Finding[];
  /** The hardware items of all deployment options. */
  readonly items: readonly OvfHardwareItem[];
  /** How the guest wants its properties, such as `com.vmware.guestInfo` or `iso`. */
  readonly transports: readonly string[];
  /** Advanced settings that the machine is to get (`vmw:ExtraConfig`), in the descriptor's order. */
  readonly extraConfig: readonly OvfExtraConfig[];
}

/** One `<File>` of References. */
export interface OvfFileReference {
  readonly id: string;
  readonly href: string;
  /** Size as stored in the package, in bytes, if the descriptor gives it. It is often absent and sometimes wrong. */
  readonly sizeBytes: number | undefined;
  readonly compression: "gzip" | undefined;
  /** Size of each part except the last, if the file is stored in parts. */
  readonly chunkSizeBytes: number | undefined;
}

export interface OvfDisk {
  readonly diskId: string;
  /** Id of the file with its content. Undefined for a disk that is created empty. */
  readonly fileRef: string | undefined;
  /** Undefined if the capacity is the value of a property, or in a unit that is not one of bytes. */
  readonly capacityBytes: number | undefined;
  /** The property that the capacity is taken from. Undefined if the capacity is a number. */
  readonly capacityFrom: OvfCapacityFrom | undefined;
  /** URI of the format. */
  readonly format: string | undefined;
  /** A problem that cannot be repaired, as a clause, with its line. */
  readonly problem: string | undefined;
}

/** A capacity such as `${size}`. */
export interface OvfCapacityFrom {
  /** As written in the brackets: the property's whole key, or its id alone. */
  readonly property: string;
  /** What one unit of the property's value is; undefined if the unit is not one of bytes. */
  readonly unitBytes: number | undefined;
}

export interface OvfNetwork {
  readonly name: string;
}

export interface OvfDeploymentOption {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly isDefault: boolean;
}

export interface OvfProperty {
  /** As ovftool and the guest write it: `[class.]id[.instance]`. */
  readonly key: string;
  /** The key without class and instance. */
  readonly id: string;
  /** As written, such as `string`, `boolean`, `uint16`. */
  readonly type: string;
  /** As written, `ovf:qualifiers` and `vmw:qualifiers` in one; see `qualifiers.ts`. */
  readonly qualifiers: string;
  /** The descriptor's value. Undefined if it gives none. */
  readonly defaultValue: string | undefined;
  /** The descriptor's values for deployment options that have their own. */
  readonly defaultByOption: ReadonlyMap<string, string>;
  /** Deployment options that have this property. Undefined for all of them. */
  readonly options: readonly string[] | undefined;
  readonly userConfigurable: boolean;
  /**
   * Whether the user must give a value for the default option (see `isRequired` for others). That is so if the property
   * is user configurable, and the descriptor's value (or an empty text) does not fit its type and qualifiers.
   */
  readonly required: boolean;
  readonly label: string;
}

export interface OvfVirtualSystem {
  readonly id: string;
  readonly name: string;
  /** VMware's guest id such as `ubuntu64Guest`, if the descriptor has it. */
  readonly guestId: string | undefined;
  /** CIM number of the operating system. */
  readonly osType: number | undefined;
}

export interface OvfHardware {
  readonly numCpus: number | undefined;
  readonly memoryMb: number | undefined;
  /** The families of virtual hardware. Undefined if the descriptor leaves that to the host. */
  readonly families: OvfFamilies | undefined;
}

/** The families of virtual hardware that a descriptor accepts. */
export interface OvfFamilies {
  /** 13 for `vmx-13`. Families of other makers are left out. */
  readonly versions: readonly number[];
  /** As written. */
  readonly text: string;
  /** Line of the first of them. */
  readonly line: number;
}

/** The network of a network adapter. */
export interface OvfAdapter {
  /** Name of the OVF's network. */
  readonly network: string;
  /** Deployment options that have this adapter. Undefined for all of them. */
  readonly options: readonly string[] | undefined;
}

export interface OvfExtraConfig {
  readonly key: string;
  readonly value: string;
}

/** The deployment option if the user names none. Undefined if the descriptor has no options. */
export function defaultOption(descriptor: Pick<OvfDescriptor, "deploymentOptions">): string | undefined {
  const options = descriptor.deploymentOptions;
  return (options.find((option) => option.isDefault) ?? options[0])?.id;
}
