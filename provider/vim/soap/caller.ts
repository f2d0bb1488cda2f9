import type { ManagedObjectReference, ServiceContent, VimMethods } from "../../../schema/index.ts";

export interface CallOptions {
  /** Ends the call early. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The longest wait for the answer, in milliseconds. Default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** A call that waits at the host on purpose. It does not count as a call in flight. Default false. */
  readonly longPoll?: boolean | undefined;
  /** False: send only once. Default: reads are repeated with backoff, writes only if the host has not begun them. */
  readonly retry?: boolean | undefined;
}

/** The parts of a client that mechanisms above single calls need (property collector, wait loop, leases). */
export interface VimCaller {
  /** The host as the user named it, for messages. */
  readonly host: string;
  /** Grows by one with each login. Objects of a session (views, filters) are gone when it has changed. */
  readonly sessionNumber: number;
  serviceContent(signal?: AbortSignal): Promise<ServiceContent>;
  call<M extends keyof VimMethods>(
    self: ManagedObjectReference,
    method: M,
    params: VimMethods[M]["params"],
    options?: CallOptions,
  ): Promise<VimMethods[M]["result"]>;
}
