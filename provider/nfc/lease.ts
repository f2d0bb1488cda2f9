import type {
  HttpNfcLeaseInfo,
  HttpNfcLeaseManifestEntry,
  LocalizedMethodFault,
  ManagedObjectReference,
} from "../../schema/index.ts";
import type { VimClient } from "../vim/client.ts";
import { create } from "../vim/codec/objects.ts";
import { isFault, VimFault } from "../vim/faults.ts";
import { retrieveOne } from "../vim/reads/property-collector.ts";
import { LeaseProgress, type LeaseProgressOptions } from "./lease-progress.ts";

/** One import at a host, from the lease that ImportVApp gave until it is completed or aborted. */
export class HttpNfcLease {
  readonly ref: ManagedObjectReference;
  readonly #client: VimClient;
  #progress: LeaseProgress | undefined;
  #ended = false;

  constructor(client: VimClient, ref: ManagedObjectReference) {
    this.#client = client;
    this.ref = ref;
  }

  /** Resolves when the host wants the files. Rejects with the host's VimFault if the import cannot begin. */
  waitReady(signal?: AbortSignal): Promise<HttpNfcLeaseInfo> {
    return this.#client.updates.watch(
      this.ref,
      "HttpNfcLease",
      ["state", "error", "info"],
      ({ state, error, info }) => {
        if (state === "error") throw this.#fault("ImportVApp", error);
        return state === "ready" ? info : undefined;
      },
      signal,
    );
  }

  /**
   * Keeps the lease alive: from now on the host gets a report every few seconds, even if the percentage is the same.
   * Ends by itself with complete and abort.
   */
  startProgress(options: LeaseProgressOptions): void {
    if (this.#progress || this.#ended) return;
    const report = (percent: number, signal: AbortSignal) =>
      this.#client.call(this.ref, "HttpNfcLeaseProgress", { percent }, { signal });
    this.#progress = new LeaseProgress(report, options);
  }

  /**
   * Tells the host that all files are there. From now on the VM exists. Throws VimFault or TransportError. If the
   * answer was lost, it first asks the host whether the lease is complete.
   */
  async complete(signal?: AbortSignal): Promise<void> {
    await this.#stopProgress();
    try {
      await this.#client.call(this.ref, "HttpNfcLeaseComplete", {}, { signal });
    } catch (error) {
      if (error instanceof VimFault || !(await this.#isDone(signal))) throw error;
    }
    this.#ended = true;
  }

  /**
   * Gives the import up; the host removes everything it has made. Does nothing if the lease has ended. Throws VimFault
   * or TransportError if the host could not be told; its own time-out ends the lease then.
   */
  async abort(fault?: LocalizedMethodFault): Promise<void> {
    await this.#stopProgress();
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#client.call(this.ref, "HttpNfcLeaseAbort", fault ? { fault } : {});
    } catch (error) {
      const over = isFault(error, "ManagedObjectNotFound") || isFault(error, "InvalidState");
      if (!over) {
        this.#ended = false;
        throw error;
      }
    }
  }

  /** The host's reason why the lease failed. Undefined if it has not failed, or the host gives none. Never throws. */
  async failure(signal?: AbortSignal): Promise<VimFault | undefined> {
    try {
      const { state, error } = await retrieveOne(
        this.#client,
        this.ref,
        "HttpNfcLease",
        ["state", "error"],
        signal,
      );
      return state === "error" && error !== undefined ? this.#fault("ImportVApp", error) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Digests of the files that the host has received, by `deviceUrl.key`. Empty if the host does not offer them. */
  async manifest(signal?: AbortSignal): Promise<readonly HttpNfcLeaseManifestEntry[]> {
    try {
      return (await this.#client.call(this.ref, "HttpNfcLeaseGetManifest", {}, { signal })) ?? [];
    } catch (error) {
      if (isFault(error, "NotSupported") || isFault(error, "MethodNotFound")) return [];
      throw error;
    }
  }

  /** Whether the host can fetch the files itself. Throws VimFault or TransportError. */
  async pulls(signal?: AbortSignal): Promise<boolean> {
    const { capabilities } = await retrieveOne(
      this.#client,
      this.ref,
      "HttpNfcLease",
      ["capabilities"],
      signal,
    );
    return capabilities?.pullModeSupported === true;
  }

  /**
   * Sets the digest that {@link manifest} returns for each file, by `deviceUrl.key`. Must be called before any byte is
   * sent.
   */
  async setChecksumTypes(
    types: readonly (readonly [key: string, type: "sha1" | "sha256"])[],
    signal?: AbortSignal,
  ): Promise<void> {
    const deviceUrlsToChecksumTypes = types.map(([key, value]) => create("KeyValue", { key, value }));
    await this.#client.call(
      this.ref,
      "HttpNfcLeaseSetManifestChecksumType",
      { deviceUrlsToChecksumTypes },
      { signal },
    );
  }

  async #stopProgress(): Promise<void> {
    await this.#progress?.stop();
    this.#progress = undefined;
  }

  async #isDone(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const { state } = await retrieveOne(this.#client, this.ref, "HttpNfcLease", ["state"], signal);
      return state === "done";
    } catch {
      return false;
    }
  }

  #fault(method: string, error: LocalizedMethodFault | undefined): VimFault {
    return new VimFault({
      host: this.#client.host,
      method,
      fault: { ...error?.fault, $type: error?.fault.$type ?? "MethodFault" },
      hostMessage: error?.localizedMessage ?? "the host gave the import up",
    });
  }
}
