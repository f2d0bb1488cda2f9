import { defaultOption, type OvfDescriptor, type OvfDisk } from "./descriptor.ts";
import { isFor } from "./properties.ts";

/** The network of each adapter of the deployment option, in their order. */
export function networksByAdapter(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
): readonly string[] {
  const option = deploymentOption || defaultOption(descriptor);
  return descriptor.adapters.filter((adapter) => isFor(adapter, option)).map(({ network }) => network);
}

/**
 * Names of the networks on which the deployment option has an adapter. The other networks need no port group on the
 * host.
 */
export function networksInUse(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
): readonly string[] {
  const names = new Set(networksByAdapter(descriptor, deploymentOption));
  return descriptor.networks.map(({ name }) => name).filter((name) => names.has(name));
}

/**
 * The disks that the machine gets under the deployment option, each once. Appliances describe the disks of all their
 * options, and some describe disks that no option has. A host makes and fills only what an item of the hardware names.
 */
export function disksInUse(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
): readonly OvfDisk[] {
  const option = deploymentOption || defaultOption(descriptor);
  const ids = new Set(descriptor.items.filter((item) => isFor(item, option)).map(({ diskId }) => diskId));
  return descriptor.disks.filter(({ diskId }) => ids.has(diskId));
}
