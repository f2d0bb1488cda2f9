/** PCI bridges: on newer virtual hardware, a controller or adapter has no slot without them. */
import { ethernetNumbers } from "./device/ethernet.ts";
import type { Vmx } from "./vmx.ts";

/** The first virtual hardware on which a VM does not start without bridges. */
const NEEDED_FROM = 19;
const ROOT_PORTS = [4, 5, 6, 7];

/** Gives a new machine the bridges that every machine has. */
export function addBridges(vmx: Vmx): void {
  vmx.set("pciBridge0.present", true);
  for (const number of ROOT_PORTS) {
    vmx.set(`pciBridge${number}.present`, true);
    vmx.set(`pciBridge${number}.virtualDev`, "pcieRootPort");
    vmx.set(`pciBridge${number}.functions`, 8);
  }
}

/** The first device without a slot, by the host's name for it. Undefined if all have one. */
export function withoutSlot(vmx: Vmx): string | undefined {
  const isBridge = ([key]: readonly [string, string]) => /^pcibridge\d+\.present$/i.test(key);
  if ((vmx.number("virtualHW.version") ?? 8) < NEEDED_FROM || vmx.entries().some(isBridge)) return undefined;
  const controllers = ["scsi", "sata", "nvme"].flatMap((bus) => [0, 1, 2, 3].map((one) => `${bus}${one}`));
  const adapters = ethernetNumbers(vmx).map((number) => `ethernet${number}`);
  return [...controllers.filter((one) => vmx.flag(`${one}.present`)), ...adapters][0]?.toUpperCase();
}
