/** Pull mode: the host fetches the files of a lease for itself. */
import type { HttpNfcLeaseSourceFile, KeyValue } from "../../schema/index.ts";
import { fileFault } from "../core/datastore-faults.ts";
import { invalidArgument, VimFault } from "../soap/fault.ts";
import type { TaskControl } from "../task/tasks.ts";
import { fetchFile } from "./fetch.ts";
import type { Lease, LeaseFile } from "./lease.ts";
import { receiveInto } from "./receive-into.ts";

interface Pulled {
  readonly source: HttpNfcLeaseSourceFile;
  readonly file: LeaseFile;
}

/** @throws VimFault InvalidArgument for files that are not the lease's */
export function filesToPull(lease: Lease, sources: readonly HttpNfcLeaseSourceFile[] | undefined): Pulled[] {
  const pulled = (sources ?? []).map((source) => {
    const file = lease.files.find(({ importKey }) => importKey === source.targetDeviceId);
    if (file === undefined) throw invalidArgument("files");
    return { source, file };
  });
  if (pulled.length === 0) throw invalidArgument("files");
  return pulled;
}

/** Fetches one file after the other. A lease that ends meanwhile ends it. */
export async function pull(lease: Lease, files: readonly Pulled[], control: TaskControl): Promise<void> {
  lease.mode = "pull";
  for (const [index, { source, file }] of files.entries()) {
    const abort = new AbortController();
    const cancel = () => abort.abort();
    control.signal.addEventListener("abort", cancel, { once: true });
    file.abort = abort;
    try {
      file.received = await receiveInto(file, await fetchFile(source, abort.signal));
      await lease.vm?.refresh();
    } catch (error) {
      if (abort.signal.aborted) throw new VimFault("RequestCanceled", "The task was canceled by a user.");
      throw fileFault(error);
    } finally {
      file.abort = undefined;
    }
    control.progress(((index + 1) * 100) / files.length);
  }
}

/** @throws VimFault InvalidArgument for a file that is not the lease's, or a digest that there is not */
export function setChecksumTypes(lease: Lease, asked: readonly KeyValue[] | undefined): void {
  for (const { key, value } of asked ?? []) {
    const file = lease.fileOf(key);
    if (file === undefined || (value !== "sha1" && value !== "sha256")) {
      throw invalidArgument("deviceUrlsToChecksumTypes");
    }
    file.checksumType = value;
  }
}
