import type { VirtualDeviceConfigSpec } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { perHost } from "../per-host.ts";
import { chainOf } from "../vm/reading/disk-chain.ts";
import { spelled } from "./file-names.ts";

const given = perHost(() => new Set<string>());

/**
 * Remembers files that this process gives to machines: disks to build on, disks to attach, or images. An earlier read
 * of all machines does not show them. Call it before the host is told, and again when it has done it.
 */
export function rememberGiven(host: EsxiHost, changes: readonly VirtualDeviceConfigSpec[] | undefined): void {
  const files = (changes ?? []).flatMap(({ operation, fileOperation, device }) => {
    if (operation === "remove") return [];
    const named = isA(device.backing, "VirtualDeviceFileBackingInfo") ? chainOf(device) : [];
    return (fileOperation === "create" ? named.slice(1) : named).filter((file) => file !== "");
  });
  for (const file of files) given(host).add(spelled(file));
}

/** Whether one of those files has been given since the last question. */
export function takeGiven(host: EsxiHost, isMeant: (file: string) => boolean): boolean {
  const ofHost = given(host);
  const found = [...ofHost].filter(isMeant);
  for (const file of found) ofHost.delete(file);
  return found.length > 0;
}
