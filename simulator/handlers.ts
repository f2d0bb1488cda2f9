/** Handlers for methods of the API, and the data that they get about a call. */
import type { VimMethods } from "../schema/index.ts";
import type { ManagedObject } from "./core/objects.ts";
import type { Session } from "./core/sessions.ts";
import type { TaskRule } from "./task/tasks.ts";

export interface Call {
  /** The object on which the method was called. */
  readonly object: ManagedObject;
  readonly method: string;
  /** Undefined before login. */
  readonly session: Session | undefined;
  /** The index in API_VERSIONS of the version that client and host both use. */
  readonly version: number;
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
  readonly client: { readonly address: string; readonly userAgent: string };
  /** Makes the response set this session cookie. */
  setCookie(key: string): void;
  /** The fault rule for the task of this call. */
  readonly taskRule: TaskRule | undefined;
}

type Result<T> = T | Promise<T>;

/** Handlers of methods whose types are generated from the schema. */
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

/** Managed objects of one kind: their properties and their methods. */
export interface Part {
  /** The objects that exist from the start. */
  readonly objects?: readonly ManagedObject[];
  readonly handlers?: Handlers;
  /** Handlers of methods whose types are not generated. */
  readonly extraHandlers?: ExtraHandlers;
}

/** All methods of the host, by name. */
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

/** The session of a call that needs one. If there is none, dispatch has refused the call before. */
export function sessionOf(call: Call): Session {
  if (call.session === undefined) throw new Error(`${call.method} ran without a session`);
  return call.session;
}
