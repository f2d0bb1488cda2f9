import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import { disksOf } from "../../../vmx/devices.ts";
import { parseVmx } from "../../../vmx/vmx.ts";
import { fromHostPath, parseDatastorePath, toHostPath } from "../../datastore/datastore-path.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import { chainOf, disksAmong } from "../../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { lostVmx } from "./lost-vmx.ts";
import { reloadVmx } from "./reload-vmx.ts";
import { untilShown } from "./until-shown.ts";

/**
 * The machine with the disks in its .vmx file. A killed run may have written the file, and the host may not have read
 * it yet. Then the API shows an older state, and a disk that only the file names looks like one to be deleted.
 */
export async function asWritten(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  signal: AbortSignal,
): Promise<ObservedVm> {
  const written = await writtenDisks(host, shell, vm, signal);
  if (isDeepStrictEqual(shownDisks(vm), written)) return vm;
  await reloadVmx(host, shell, vm, signal);
  return untilShown(
    host,
    vm,
    {
      isShown: (now) => isDeepStrictEqual(shownDisks(now), written),
      notShown: () =>
        new HostError(
          `${host.name}: a run that was interrupted has changed the disks of "${vm.name}" in ${vm.vmxPath}, and the host does not ` +
            "show them. Nothing was deleted. Look at the file, then run `pulumi up` again.",
        ),
    },
    signal,
  );
}

async function writtenDisks(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  signal: AbortSignal,
): Promise<string[]> {
  const path = toHostPath(parseDatastorePath(vm.vmxPath));
  const bytes = await shell.readTwice(path, signal);
  if (bytes === undefined) throw lostVmx(host, vm);
  return disksOf(parseVmx(bytes))
    .map(({ fileName }) => belowVolume(posix.resolve(posix.dirname(path), fileName)))
    .sort();
}

const shownDisks = ({ devices }: ObservedVm): string[] =>
  disksAmong(devices)
    .flatMap((disk) => chainOf(disk).slice(0, 1))
    .map((file) => belowVolume(toHostPath(parseDatastorePath(file))))
    .sort();

/** A file without its datastore. A host writes the datastore by its name or by its UUID. */
const belowVolume = (path: string): string => fromHostPath(path)?.path ?? path;
