import type { ManagedObjectReference, ServiceContent, VimMethods } from "../../../schema/index.ts";

export interface CallOptions {
  /** Ends the call early; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the answer, in milliseconds; default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** A call that waits at the host by design: it takes no place among the calls in flight. Default false. */
  readonly longPoll?: boolean | undefined;
  /** False: send once only. Default: reads are repeated with backoff, writes only if the host has not begun them. */
  readonly retry?: boolean | undefined;
}

/** What the mechanisms above single calls (property collector, wait loop, leases) need of a client. */
export interface VimCaller {
  /** The host as the user named it, for messages. */
  readonly host: string;
  /** Grows by one with each login; what belongs to a session (views, filters) is gone when it has changed. */
  readonly sessionNumber: number;
  serviceContent(signal?: AbortSignal): Promise<ServiceContent>;
  call<M extends keyof VimMethods>(
    self: ManagedObjectReference,
    method: M,
    params: VimMethods[M]["params"],
    options?: CallOptions,
  ): Promise<VimMethods[M]["result"]>;
}
