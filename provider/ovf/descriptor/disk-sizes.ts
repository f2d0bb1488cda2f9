import type { OvaProblem } from "../ova-problem.ts";
import { defaultOption, type OvfCapacityFrom, type OvfDescriptor, type OvfProperty } from "./descriptor.ts";
import { disksInUse } from "./in-use.ts";
import { appliesTo, valueFor } from "./properties.ts";

/** The choices that the size of a disk depends on. */
export interface SizeChoices {
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Default: the descriptor's default option. */
  readonly deploymentOption?: string | undefined;
}

/** A disk whose size is a property's value (`ovf:capacity="${size}"`). */
interface SizedDisk {
  readonly diskId: string;
  readonly from: OvfCapacityFrom;
  /** Undefined if the deployment option has no such property. */
  readonly property: OvfProperty | undefined;
  /** The user's value, otherwise the descriptor's. */
  readonly value: string;
}

/** The properties from which sizes of disks are taken, by key. The host must get their values. */
export function sizingValues(
  descriptor: OvfDescriptor,
  choices: SizeChoices,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sizedDisks(descriptor, choices).flatMap(({ property, value }) =>
      property === undefined ? [] : [[property.key, value]],
    ),
  );
}

/** The sizes of these disks in bytes, by disk. Only disks whose size is known. */
export function sizesByProperty(
  descriptor: OvfDescriptor,
  choices: SizeChoices,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    sizedDisks(descriptor, choices).flatMap((disk): [string, number][] => {
      const bytes = bytesOf(disk);
      return bytes === undefined ? [] : [[disk.diskId, bytes]];
    }),
  );
}

/** Disks without a size, or with a property that is no size. The reasons never repeat a value. */
export function sizeProblems(descriptor: OvfDescriptor, choices: SizeChoices): readonly OvaProblem[] {
  return sizedDisks(descriptor, choices).flatMap((disk) => {
    const { diskId, from, property, value } = disk;
    if (property === undefined) {
      const reason = `the size of disk ${diskId} is \${${from.property}}, and the OVF has no such property for this deployment option`;
      return [{ path: `properties.${from.property}`, reason }];
    }
    const path = `properties.${property.key}`;
    if (value === "") {
      return [{ path, reason: `the size of disk ${diskId} is this property, so it needs a value` }];
    }
    return bytesOf(disk) === undefined && from.unitBytes !== undefined
      ? [
          {
            path,
            reason: `the size of disk ${diskId} is this property, so it must be a whole number above 0`,
          },
        ]
      : [];
  });
}

function sizedDisks(descriptor: OvfDescriptor, choices: SizeChoices): readonly SizedDisk[] {
  const option = choices.deploymentOption || defaultOption(descriptor);
  const properties = descriptor.properties.filter((property) => appliesTo(property, option));
  return disksInUse(descriptor, option).flatMap(({ diskId, capacityFrom: from }) => {
    if (from === undefined) return [];
    const property =
      properties.find(({ key }) => key === from.property) ??
      properties.find(({ id }) => id === from.property);
    const value = property === undefined ? "" : valueFor(property, choices.properties ?? {}, option).trim();
    return [{ diskId, from, property, value }];
  });
}

function bytesOf({ value, from }: SizedDisk): number | undefined {
  const bytes = /^\+?\d+$/.test(value) ? Number(value) * (from.unitBytes ?? Number.NaN) : Number.NaN;
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
