import { clock } from "../../clock.ts";
import { openFile } from "../../ovf/package/open-file.ts";
import type { OvaFile } from "../../ovf/package/stored-file.ts";
import type { OvaSource } from "../../ovf/source/source.ts";
import { pauseFor } from "../../pause.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { DiskFormat } from "../../ssh/commands/vmkfstools.ts";
import { VmkfstoolsError } from "../../ssh/commands/vmkfstools-error.ts";
import { type CopyingRun, draftName } from "../clone/clone-files.ts";
import { type DatastorePath, inFolder, toHostPath } from "../datastore/datastore-path.ts";
import { sendAgain } from "../datastore/place-file.ts";
import { transferStatus } from "../datastore/transfer-status.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { sendOverSsh } from "../shell/ssh-files.ts";
import { uploadName } from "../shell/ssh-folder.ts";
import type { ImportOptions } from "./ova-import.ts";

/** A disk of a new machine. */
export interface DiskToSend {
  /** The file with its content. Undefined for an empty disk. */
  readonly file: OvaFile | undefined;
  /** Its number among the machine's disks, from 0. */
  readonly index: number;
  readonly sizeMb: number;
  readonly format: DiskFormat;
  /** Its file in the machine's folder. */
  readonly name: string;
}

/** A file that is sent unchanged. */
interface FileToSend {
  readonly file: OvaFile;
  /** Its absolute path on the host. */
  readonly path: string;
}

/** The error code of vmkfstools for a file that it cannot read. */
const NO_DISK = 15;
/** A host kills such tools if too many run at once. They are run so often, with growing pauses between. Tests wait less. */
export const KILLED = { tries: 4, pauseMs: 1000 };
const DESCRIPTOR_BYTES = 2048;
const SECTORS_PER_MB = 2048;

/**
 * Sends the files of an OVA into the folder of its machine, over connections of their own. A disk has the name of an
 * upload until the host's tool has made a disk of it. Meanwhile the next one is sent.
 */
export class DiskSender {
  readonly #host: EsxiHost;
  readonly #shell: EsxiShell;
  readonly #job: {
    readonly source: OvaSource;
    readonly mark: CopyingRun["mark"];
    readonly folder: DatastorePath;
  };
  readonly #options: Omit<ImportOptions, "beforeRetry">;
  readonly #started = clock.now();
  #done = 0;
  #total = 0;

  constructor(
    host: EsxiHost,
    shell: EsxiShell,
    job: { readonly source: OvaSource; readonly mark: CopyingRun["mark"]; readonly folder: DatastorePath },
    options: Omit<ImportOptions, "beforeRetry">,
  ) {
    this.#host = host;
    this.#shell = shell;
    this.#job = job;
    this.#options = options;
  }

  /** Sends everything. The first error ends the other transfers, and is thrown when they have ended. */
  async send(disks: readonly DiskToSend[], others: readonly FileToSend[]): Promise<void> {
    const files = [...disks, ...others].flatMap(({ file }) => file ?? []);
    this.#total = files.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, ended.signal]);
    const work = [
      ...disks.map((disk) => this.#disk(disk, disks.length, signal)),
      ...others.map(({ file, path }) => this.#upload(file, path, signal)),
    ];
    for (const each of work) each.catch((error) => ended.abort(error));
    const failed = (await Promise.allSettled(work)).some(({ status }) => status === "rejected");
    this.#options.signal.throwIfAborted();
    if (failed) throw ended.signal.reason;
  }

  async #disk(disk: DiskToSend, count: number, signal: AbortSignal): Promise<void> {
    const { file, index, sizeMb, format, name } = disk;
    const draft = this.#at(draftName(this.#job.mark, index));
    if (file === undefined) {
      await this.#host.copies.run(() => this.#shell.createDisk(draft, sizeMb, format, signal), signal);
    } else {
      const upload = this.#at(uploadName(index));
      await this.#upload(file, upload, signal);
      const which = count > 1 ? `disk ${index + 1} of ${count}` : "the disk";
      await this.#convert(file, upload, draft, { format, which, signal });
      await this.#shell.removeFiles([upload], aMomentAfter(signal));
      await this.#growTo(draft, sizeMb, signal);
    }
    await this.#shell.renameDisk(draft, this.#at(name), aMomentAfter(signal));
  }

  async #upload(file: OvaFile, path: string, signal: AbortSignal): Promise<void> {
    const { onStatus, onWarning } = this.#options;
    await sendAgain({ signal, onWarning }, async () => {
      const { stream, contentLength } = await openFile(this.#job.source, file, signal);
      // For a file that is unpacked on the way, the stored bytes count, as in the total.
      const share = file.storedBytes / Math.max(1, contentLength);
      let counted = 0;
      try {
        await sendOverSsh(this.#host, {
          what: `${file.href} to ${this.#host.name}`,
          path,
          body: stream,
          bytes: contentLength,
          signal,
          onBytes: (bytes) => {
            counted += bytes * share;
            this.#done += bytes * share;
            onStatus(
              transferStatus("uploading", {
                done: this.#done,
                total: this.#total,
                started: this.#started,
                name: file.href,
              }),
            );
          },
        });
      } catch (error) {
        this.#done -= counted;
        throw error;
      }
    });
  }

  async #convert(
    file: OvaFile,
    upload: string,
    draft: string,
    {
      format,
      which,
      signal,
    }: { readonly format: DiskFormat; readonly which: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const onProgress = (percent: number) =>
      this.#options.onStatus(`making ${which} of ${file.href}: ${percent}%`);
    const clone = () =>
      this.#host.copies.run(
        () => this.#shell.cloneDisk(upload, draft, format, { signal, onProgress }),
        signal,
      );
    for (let tries = 1; ; tries++) {
      try {
        return await clone();
      } catch (error) {
        if (!(error instanceof VmkfstoolsError)) throw error;
        if (error.code === NO_DISK) throw this.#noDisk(file, error);
        if (!error.isKilled || tries === KILLED.tries) throw error;
        await this.#shell.removeFiles([draft, draft.replace(/\.vmdk$/, "-flat.vmdk")], signal);
        await pauseFor(KILLED.pauseMs * tries, signal);
      }
    }
  }

  #noDisk(file: OvaFile, error: VmkfstoolsError): HostError {
    return new HostError(
      `${this.#host.name} cannot make a disk of ${file.href} of ${this.#job.source.location}: ${error.message} Is the file ` +
        "damaged, cut off, or of a format that this host does not read? Get it again, or convert it with `ovftool`, or " +
        "with `qemu-img convert -O vmdk -o subformat=streamOptimized`. Nothing was created.",
      { cause: error },
    );
  }

  /** A descriptor may ask for a larger disk than the one in the package. */
  async #growTo(draft: string, sizeMb: number, signal: AbortSignal): Promise<void> {
    const descriptor = Buffer.from(await this.#shell.readHead(draft, DESCRIPTOR_BYTES, signal)).toString();
    const sectors = /^RW (\d+) VMFS /m.exec(descriptor)?.[1];
    if (sectors !== undefined && Number(sectors) / SECTORS_PER_MB < sizeMb)
      await this.#shell.growDisk(draft, sizeMb, signal);
  }

  #at(name: string): string {
    return toHostPath(inFolder(this.#job.folder, name));
  }
}
