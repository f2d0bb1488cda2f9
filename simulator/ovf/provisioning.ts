/** `diskProvisioning` of an import, as a host without vCenter accepts it. */
import { type Problems, unsupportedDiskProvisioning } from "./descriptor/descriptor-faults.ts";

export interface DiskBacking {
  readonly thinProvisioned: boolean;
  readonly eagerlyScrub: boolean;
}

const THICK: DiskBacking = { thinProvisioned: false, eagerlyScrub: false };
const THIN: DiskBacking = { thinProvisioned: true, eagerlyScrub: false };

/** Formats that are split, monolithic or sparse belong to hosted products. */
const SUPPORTED: Readonly<Record<string, DiskBacking>> = {
  thin: THIN,
  sparse: THIN,
  thick: THICK,
  flat: THICK,
  eagerZeroedThick: { thinProvisioned: false, eagerlyScrub: true },
};

/** @param provisioning empty or undefined for the host's default, `thick` */
export function chooseDiskBacking(provisioning: string | undefined, problems: Problems): DiskBacking {
  if (provisioning === undefined || provisioning === "") return THICK;
  const found = SUPPORTED[provisioning];
  if (found === undefined) problems.error(unsupportedDiskProvisioning(provisioning, Object.keys(SUPPORTED)));
  return found ?? THICK;
}
