import type { HttpNfcLeaseInfo, OvfFileItem } from "../../../schema/index.ts";
import { clock } from "../../clock.ts";
import { type HttpNfcLease, resolveDeviceUrl, uploadFile } from "../../nfc/index.ts";
import { openFile } from "../../ovf/package/open-file.ts";
import type { OvaSource } from "../../ovf/source/source.ts";
import { percentOf, transferStatus } from "../datastore/transfer-status.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";

const DISK = "application/x-vnd.vmware-streamVmdk";
const OTHER = "application/octet-stream";

/** The files that the host asks for, and the files of the OVA. */
interface ImportFiles {
  readonly info: HttpNfcLeaseInfo;
  readonly fileItems: readonly OvfFileItem[];
  readonly source: OvaSource;
}

/** The files that the host asks for, in its order. @throws HostError for one that is not in the OVA */
export function filesAsked(host: EsxiHost, job: ImportFiles) {
  return job.fileItems.map((item) => {
    const device = job.info.deviceUrl?.find(({ importKey }) => importKey === item.deviceId);
    const file = job.source.files.find(({ href }) => href === item.path);
    if (!device || !file) {
      throw new HostError(
        `${host.name} asks for the file ${item.path} of ${job.source.location}, ` +
          `${file ? "but gives no address to send it to" : "which is not in the archive"}.`,
      );
    }
    return { item, device, file };
  });
}

/** Sends the files that the host asks for, in its order, one after the other. */
export async function uploadFiles(
  host: EsxiHost,
  job: ImportFiles & { readonly lease: HttpNfcLease },
  options: { readonly signal: AbortSignal; readonly onStatus: (text: string) => void },
): Promise<void> {
  const files = filesAsked(host, job);
  const total = files.reduce((sum, { file }) => sum + file.storedBytes, 0);
  const started = clock.now();
  let done = 0;
  const percent = () => percentOf(done, total);
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  job.lease.startProgress({
    percent,
    // A lease that the host has ended takes no more bytes. This finds that out now, and not after the last gigabyte.
    onFailure: (error) => ended.abort(error),
  });
  for (const { item, device, file } of files) {
    const url = resolveDeviceUrl(device.url, host.origin);
    const { stream, contentLength } = await openFile(job.source, file, signal);
    // For a file that is unpacked on the way, the stored bytes count, as in the total.
    const share = file.storedBytes / Math.max(1, contentLength);
    await uploadFile({
      what: `${file.href} to ${host.name}`,
      url,
      method: item.create ? "PUT" : "POST",
      overwrite: item.create,
      contentType: item.create ? OTHER : DISK,
      body: stream,
      contentLength,
      cookie: url.origin === host.origin ? host.client.sessionCookie() : undefined,
      agent: host.transferAgents.for(device),
      signal,
      onBytes: (bytes) => {
        done += bytes * share;
        options.onStatus(transferStatus("uploading", { done, total, started, name: file.href }));
      },
    });
  }
}
