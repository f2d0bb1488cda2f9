import type { Vmx } from "./vmx.ts";

/** The first virtual hardware on which a controller or an adapter has no slot without bridges. */
const NEEDED_FROM = 19;
const ROOT_PORTS = [4, 5, 6, 7];

/** Adds the PCI bridges that newer hardware needs, if the file has none. A file written by hand may have none. */
export function addMissingBridges(vmx: Vmx): void {
  const hardware = Number(vmx.get("virtualHW.version") ?? 0);
  if (hardware < NEEDED_FROM || vmx.keys().some((key) => /^pcibridge\d+\.present$/i.test(key))) return;
  addBridges(vmx);
}

/** Adds the bridges that hosts give to a machine. */
export function addBridges(vmx: Vmx): void {
  vmx.set("pciBridge0.present", "TRUE");
  for (const number of ROOT_PORTS) {
    vmx.set(`pciBridge${number}.present`, "TRUE");
    vmx.set(`pciBridge${number}.virtualDev`, "pcieRootPort");
    vmx.set(`pciBridge${number}.functions`, "8");
  }
}
