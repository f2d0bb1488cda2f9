import { isDatastorePath } from "../../../host/datastore/datastore-path.ts";
import { askedTransport } from "../../../host/shell/choose-transport.ts";
import { POOL_NAME } from "../../../host/shell/into-pool.ts";
import { EFI_ORDER } from "../../../host/vm/vmx/write-vmx.ts";
import { isAscii } from "../../../vmx/encoding.ts";
import type { Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { known, making, needing } from "../../preview/wanted-names.ts";
import type { Ability, DiskSize, Need, Wants } from "../../preview/wants.ts";
import { entriesOf } from "../settings/entries.ts";

/**
 * What every virtual machine needs on its host.
 * @param options.onOnlyDatastore Whether a machine without `datastore` goes to the host's only one.
 */
export function vmWants(inputs: Properties, options: { readonly onOnlyDatastore: boolean }): Wants {
  const { name, datastore, resourcePool, networkInterfaces, cdroms, floppy, adopt } = inputs;
  if (adopt !== undefined) return { needs: adoptedVm(adopt), adopts: true };
  const images = [
    ...entriesOf(cdroms).map(({ iso }, index) => needing("file", `cdroms.${index}.iso`, iso)),
    ...entriesOf([floppy]).map(({ image }) => needing("file", "floppy.image", image)),
    ...entriesOf(inputs.disks).map(({ attach }, index) => needing("file", `disks.${index}.attach`, attach)),
  ];
  const needsOnlyOne = datastore === undefined && options.onOnlyDatastore;
  return {
    needs: [
      ...(needsOnlyOne ? [{ kind: "datastore", property: "datastore", name: undefined } as const] : []),
      ...needing("datastore", "datastore", datastore),
      ...needing("resource pool", "resourcePool", resourcePool),
      ...entriesOf(networkInterfaces).flatMap(({ network }, index) =>
        needing("port group", `networkInterfaces.${index}.network`, network),
      ),
      ...entriesOf(inputs.disks).flatMap((disk, index) =>
        needing("datastore", `disks.${index}.datastore`, disk.datastore),
      ),
      // A path with empty brackets is a file of the host itself.
      ...images.flat().filter((image) => isDatastorePath(image.name ?? "")),
    ],
    makes: making("virtual machine", "name", name),
    disks: entriesOf(inputs.disks).flatMap((disk, index) => sizeOf(disk, index, datastore)),
    abilities: [
      ...cpusOf(inputs),
      ...hardwareOf(inputs),
      ...shellOf(inputs),
      ...poolOf(inputs),
      ...orderOf(inputs),
    ],
  };
}

/** A host makes a machine with any number of CPUs, but does not start one with more than it has. */
function cpusOf({ numCpus, powerOn }: Properties): Ability[] {
  if (typeof numCpus !== "number" || powerOn === false || isUnknown(powerOn)) return [];
  return [{ kind: "CPUs", property: "numCpus", count: numCpus }];
}

function hardwareOf({ hardwareVersion }: Properties): Ability[] {
  return typeof hardwareVersion === "number"
    ? [{ kind: "hardware", property: "hardwareVersion", version: hardwareVersion }]
    : [];
}

/** A port that is tried from the host needs the host's shell. */
function shellOf({ waitFor }: Properties): Ability[] {
  const tries = entriesOf([waitFor]).some(({ via, tcpPort }) => via === "host" && tcpPort !== undefined);
  return tries ? [{ kind: "shell", property: "waitFor.via" }] : [];
}

/** The command that registers a machine in a pool also sets its name. */
function poolOf({ name, resourcePool, transport }: Properties): Ability[] {
  const why = isNameSpoilt(name, resourcePool) && POOL_NAME;
  const asked = askedTransport(transport);
  return why ? [{ kind: "api", property: "resourcePool", value: { name, resourcePool }, asked, why }] : [];
}

/** Whether a machine of that name cannot be put into that pool over SSH. */
export const isNameSpoilt = (name: unknown, resourcePool: unknown): boolean =>
  typeof name === "string" && typeof resourcePool === "string" && !isUnknown(name) && !isAscii(name);

/** A machine with EFI keeps its boot order in a place that only the API writes. */
function orderOf({ bootOrder, firmware, transport }: Properties): Ability[] {
  if (firmware !== "efi" || !Array.isArray(bootOrder) || bootOrder.length === 0) return [];
  const asked = askedTransport(transport);
  return [{ kind: "api", property: "bootOrder", value: bootOrder, asked, why: `bootOrder ${EFI_ORDER}` }];
}

function adoptedVm(adopt: unknown): Need[] {
  return entriesOf([adopt]).flatMap((by) => needing("virtual machine", "adopt.name", by.name));
}

function sizeOf({ size, provisioning, ...disk }: Properties, index: number, usual: unknown): DiskSize[] {
  const datastore = disk.datastore ?? usual;
  if (typeof size !== "number" || isUnknown(datastore) || isUnknown(provisioning)) return [];
  const isThick = provisioning === "thick" || provisioning === "eagerZeroedThick";
  return [{ property: `disks.${index}.size`, size, datastore: known(datastore), isThick }];
}
