/** Devices with a number: `floppy0`, `serial1`. */
import type { VirtualDevice } from "../../../schema/index.ts";
import { hostFile } from "../../datastore/file.ts";
import type { Vmx } from "../vmx.ts";
import type { DeviceContext } from "./context.ts";

type Typed = VirtualDevice & { readonly $type: string };

/** How one kind of such devices is read and written. */
export interface PlainDevice {
  readonly type: string;
  /** Prefix in the `.vmx`. */
  readonly slot: string;
  /** Key of number 0. The others have the next numbers. */
  readonly firstKey: number;
  readonly max: number;
  read(context: DeviceContext, number: number): Typed;
  /** @throws VimFault InvalidDeviceBacking */
  write(context: DeviceContext, slot: string, device: VirtualDevice, index: number): void;
  /** Writes into the `.vmx` that a device was removed. */
  removed?(vmx: Vmx, slot: string): void;
}

export function presentNumbers(vmx: Vmx, prefix: string, max: number): number[] {
  return Array.from({ length: max }, (_, one) => one).filter((one) => vmx.flag(`${prefix}${one}.present`));
}

/** A text of a device's backing. Empty if it has no such property. */
export function backingText({ backing }: VirtualDevice, property: string): string {
  const found = backing && Object.entries(backing).find(([name]) => name === property);
  return found?.[1] === undefined ? "" : String(found[1]);
}

/** The name of a backing's file in the `.vmx`. @throws VimFault InvalidDatastorePath */
export function vmxFileName(context: DeviceContext, device: VirtualDevice): string {
  const name = backingText(device, "fileName");
  return name === "" ? "" : (hostFile(name)?.vmx ?? context.vmxName(context.resolve(name)));
}
