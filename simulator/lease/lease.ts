/** An HTTP NFC lease: the files of one import, what has arrived, and how it ends. */
import type {
  HttpNfcLeaseDeviceUrl,
  HttpNfcLeaseManifestEntry,
  HttpNfcLeaseState,
  ManagedObjectReference,
} from "../../schema/index.ts";
import type { PropertyReaders } from "../core/objects.ts";
import type { DatastoreFile } from "../datastore/file.ts";
import type { DiskProvisioning } from "../disk/disk.ts";
import { VimFault } from "../soap/fault.ts";
import type { Vm } from "../vm/vm.ts";

/** A file that the client may send. */
export interface LeaseFile {
  readonly importKey: string;
  readonly kind: "disk" | "iso" | "nvram";
  /** Last segment of its URL, `disk-0.vmdk`. */
  readonly name: string;
  readonly file: DatastoreFile;
  readonly provisioning: DiskProvisioning;
  readonly capacityBytes: number;
  /** Of the disk's descriptor. */
  readonly adapterType: string;
  /** True if CreateImportSpec told the client to send it. The import is not complete without it. */
  readonly required: boolean;
  /** Digests of the bytes as they arrived. */
  received: { readonly sha1: string; readonly sha256: string; readonly sizeBytes: number } | undefined;
  /** The digest in the manifest besides SHA-1. */
  checksumType: "sha1" | "sha256";
  /** Ends the upload in progress. */
  abort: AbortController | undefined;
}

/** What a lease says about the certificate of the upload server. */
export type LeaseEndpoint = Pick<HttpNfcLeaseDeviceUrl, "sslThumbprint" | "sslCertificate">;

export interface LeaseOptions {
  readonly ref: ManagedObjectReference;
  readonly vmName: string;
  readonly timeoutSeconds: number;
  readonly endpoint: LeaseEndpoint;
  /** Whether the host fetches files itself. */
  readonly pulls: boolean;
  readonly progress: (percent: number) => void;
  readonly changed: (...properties: string[]) => void;
}

export class Lease {
  readonly ref: ManagedObjectReference;
  readonly vmName: string;
  /** Ends when everything after the lease's end is done: the VM is released, or removed. */
  readonly over: Promise<void>;
  readonly #over: () => void;
  /** Resolves when the lease is complete, and rejects with the fault when it fails. */
  readonly ended: Promise<void>;
  readonly #options: LeaseOptions;
  readonly #finish: { resolve: () => void; reject: (fault: VimFault) => void };
  state: HttpNfcLeaseState = "initializing";
  error: VimFault | undefined;
  vm: Vm | undefined;
  files: readonly LeaseFile[] = [];
  percent = 0;
  mode: "pushOrGet" | "pull" = "pushOrGet";
  #timer: NodeJS.Timeout | undefined;
  readonly #uploads = new Set<Promise<void>>();

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.vmName = options.vmName;
    const { promise, resolve, reject } = deferred();
    promise.catch(() => undefined);
    this.ended = promise;
    this.#finish = { resolve, reject };
    const over = deferred();
    this.over = over.promise;
    this.#over = over.resolve;
  }

  /** From now on the client may send its files. */
  ready(vm: Vm, files: readonly LeaseFile[]): void {
    this.vm = vm;
    this.files = files;
    this.state = "ready";
    this.touch();
    this.#options.changed("state", "info", "initializeProgress");
  }

  /** Restarts the lease's time limit. */
  touch(): void {
    clearTimeout(this.#timer);
    if (this.state !== "ready") return;
    this.#timer = setTimeout(
      () => this.fail(new VimFault("Timedout", "Operation timed out.")),
      this.#options.timeoutSeconds * 1000,
    );
    this.#timer.unref();
  }

  /** Records that the client is alive, and the progress that it reports. */
  setPercent(percent: number): void {
    this.percent = percent;
    this.touch();
    this.#options.progress(percent);
    this.#options.changed("transferProgress");
  }

  /** Called when everything after the lease's end is done. */
  close(): void {
    this.#over();
  }

  /** @throws VimFault InvalidState unless the lease is ready */
  needReady(): void {
    if (this.state !== "ready") throw invalidState();
  }

  /** @throws VimFault InvalidState if files are missing or still being sent. The lease then fails with it */
  complete(): void {
    this.needReady();
    const missing = this.files.find(
      (one) => one.abort !== undefined || (one.required && one.received === undefined),
    );
    if (missing) {
      const fault = new VimFault(
        "InvalidState",
        `The operation is not allowed in the current state: ${missing.importKey} has not been transferred.`,
      );
      this.fail(fault);
      throw fault;
    }
    this.state = "done";
    clearTimeout(this.#timer);
    this.#finish.resolve();
    this.#options.changed("state");
  }

  /** Ends the lease: uploads are cut off, and the import that waits for the end removes what was made. */
  fail(fault: VimFault): void {
    if (this.state !== "initializing" && this.state !== "ready") return;
    this.state = "error";
    this.error = fault;
    clearTimeout(this.#timer);
    for (const file of this.files) file.abort?.abort();
    this.#finish.reject(fault);
    this.#options.changed("state", "error");
  }

  /** Counts an upload as in progress until it has ended. */
  track(upload: Promise<void>): void {
    this.#uploads.add(upload);
    const done = (): void => {
      this.#uploads.delete(upload);
    };
    upload.then(done, done);
  }

  /** Ends when no upload is in progress. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#uploads]);
  }

  /** Digests of the files that have arrived. */
  manifest(): HttpNfcLeaseManifestEntry[] {
    return this.files.flatMap((file) =>
      file.received
        ? [
            {
              key: this.#urlKey(file),
              sha1: file.received.sha1,
              checksum: file.received[file.checksumType],
              checksumType: file.checksumType,
              size: file.received.sizeBytes,
              disk: file.kind === "disk",
              ...(file.kind === "disk" ? { capacity: file.capacityBytes } : {}),
            },
          ]
        : [],
    );
  }

  /** The file for a key of the lease's device URLs. */
  fileOf(key: string): LeaseFile | undefined {
    return this.files.find((file) => this.#urlKey(file) === key);
  }

  get readers(): PropertyReaders {
    return {
      initializeProgress: () => (this.state === "initializing" ? 0 : 100),
      transferProgress: () => this.percent,
      mode: () => this.mode,
      capabilities: () => ({ pullModeSupported: this.#options.pulls, corsSupported: false }),
      info: () => this.#info(),
      state: () => this.state,
      error: () => this.error?.localized(),
    };
  }

  #info(): Record<string, unknown> | undefined {
    if (this.vm === undefined) return undefined;
    const bytes = this.files.reduce((sum, file) => sum + file.capacityBytes, 0);
    return {
      lease: this.ref,
      entity: this.vm.ref,
      deviceUrl: this.files.map((file) => this.#deviceUrl(file)),
      totalDiskCapacityInKB: Math.floor(bytes / 1024),
      leaseTimeout: Math.ceil(this.#options.timeoutSeconds),
    };
  }

  #deviceUrl(file: LeaseFile): HttpNfcLeaseDeviceUrl {
    return {
      key: this.#urlKey(file),
      importKey: file.importKey,
      url: `https://*/nfc/${this.ref.value}/${file.name}`,
      ...this.#options.endpoint,
      disk: file.kind === "disk",
      targetId: file.name,
    };
  }

  #urlKey(file: LeaseFile): string {
    return `/${this.vm?.moid ?? ""}/${file.importKey.slice(file.importKey.lastIndexOf("/") + 1)}`;
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (reason: VimFault) => void } {
  let resolve = (): void => undefined;
  let reject = (_reason: VimFault): void => undefined;
  const promise = new Promise<void>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}

function invalidState(): VimFault {
  return new VimFault("InvalidState", "The operation is not allowed in the current state.");
}
