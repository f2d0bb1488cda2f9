/** What serves a method of the API, and what it is told of the call. */
import type { VimMethods } from "../schema/index.ts";
import type { ManagedObject } from "./core/objects.ts";
import type { Session } from "./core/sessions.ts";
import type { TaskRule } from "./task/tasks.ts";

export interface Call {
  /** What the method was called on. */
  readonly object: ManagedObject;
  readonly method: string;
  /** Undefined before login. */
  readonly session: Session | undefined;
  /** Place in API_VERSIONS that client and host both speak. */
  readonly version: number;
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
  readonly client: { readonly address: string; readonly userAgent: string };
  /** Has the response set this session cookie. */
  setCookie(key: string): void;
  /** What a fault rule says of the task of this call. */
  readonly taskRule: TaskRule | undefined;
}

type Result<T> = T | Promise<T>;

/** Handlers of methods whose types the schema generates. */
export type Handlers = {
  readonly [M in keyof VimMethods]?: (
    call: Call,
    params: VimMethods[M]["params"],
  ) => Result<VimMethods[M]["result"]>;
};

/** Handlers of the other methods that clients call. */
export type ExtraHandlers = Readonly<
  Record<string, (call: Call, params: Readonly<Record<string, unknown>>) => Result<unknown>>
>;

/** Managed objects of one kind: what they show, and the methods that they answer. */
export interface Part {
  /** Those that are there from the start. */
  readonly objects?: readonly ManagedObject[];
  readonly handlers?: Handlers;
  /** Handlers of methods whose types are not generated. */
  readonly extraHandlers?: ExtraHandlers;
}

/** All methods that the host serves, by name. */
export class HandlerTable {
  readonly #handlers = new Map<string, (call: Call, params: never) => unknown>();

  register({ handlers = {}, extraHandlers = {} }: Part): void {
    for (const [name, handler] of Object.entries({ ...handlers, ...extraHandlers }))
      if (handler) this.#handlers.set(name, handler);
  }

  has(name: string): boolean {
    return this.#handlers.has(name);
  }

  async run(call: Call, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    return await this.#handlers.get(call.method)?.(call, params as never);
  }
}

/** The session of a call that needs one; dispatch has refused the call before if there is none. */
export function sessionOf(call: Call): Session {
  if (call.session === undefined) throw new Error(`${call.method} ran without a session`);
  return call.session;
}
