/** Disks from the guest's side, for tests that read and change the data of a guest. */
import { Readable } from "node:stream";
import { resolveDatastorePath } from "../../core/datastore-paths.ts";
import { OpenDisk } from "../../disk/open-disk.ts";
import type { HostContext } from "../../host-context.ts";
import type { Vms } from "../vms.ts";

export interface GuestWrite {
  /** The number of the VM's disk, in the order of their units. Default 0. */
  readonly disk?: number;
  readonly offsetBytes: number;
  readonly data: Uint8Array;
}

/** @throws in the stream, if the disk cannot be opened */
export function readDisk({ datastores }: HostContext, datastorePath: string): Readable {
  return Readable.from(
    (async function* () {
      const disk = await OpenDisk.open(datastores, resolveDatastorePath(datastores, datastorePath));
      try {
        for await (const chunk of disk.chunks()) yield chunk;
      } finally {
        await disk.close();
      }
    })(),
    { objectMode: false },
  );
}

/** @throws Error if the VM does not run or has no such disk */
export async function writeAsGuest(
  { datastores, vms }: HostContext & { readonly vms: Vms },
  moid: string,
  { disk = 0, offsetBytes, data }: GuestWrite,
): Promise<void> {
  const vm = vms.find(moid);
  if (vm?.powerState !== "poweredOn") throw new Error(`VM ${moid} does not run: no guest can write.`);
  const file = vm.ownDisks[disk];
  if (file === undefined) throw new Error(`VM ${moid} has no disk ${disk}.`);
  const opened = await OpenDisk.open(datastores, file, "r+");
  try {
    await opened.write(offsetBytes, data);
  } finally {
    await opened.close();
  }
}
