/** Calls of the API from the host's own shell. They need no session, and the licence is not checked. */
import type { ManagedObjectReference, TaskInfo, VimMethods } from "../../schema/index.ts";
import type { Session } from "../core/sessions.ts";
import type { HandlerTable } from "../handlers.ts";
import type { Services } from "../host/services.ts";
import type { HostContext } from "../host-context.ts";
import type { Networking } from "../network/networking.ts";
import { managedObjectNotFound, VimFault } from "../soap/fault.ts";
import type { TaskRule } from "../task/tasks.ts";
import type { AutoStart } from "../vm/auto-start/auto-start.ts";
import type { Power } from "../vm/power/power.ts";
import type { Vms } from "../vm/vms.ts";

/** Parts of the host that commands of the shell read and change past the API. */
export interface ShellHost extends HostContext {
  readonly vms: Vms;
  readonly power: Power;
  readonly networking: Networking;
  readonly autoStart: AutoStart;
  readonly services: Services;
}

export class HostAgent {
  readonly host: ShellHost;
  readonly #handlers: HandlerTable;
  readonly #taskRule: TaskRule | undefined;
  readonly #session: Session;

  constructor(host: ShellHost, handlers: HandlerTable, taskRule?: TaskRule) {
    this.host = host;
    this.#handlers = handlers;
    this.#taskRule = taskRule;
    const now = new Date();
    this.#session = {
      cookie: "",
      key: "shell",
      userName: host.options.username,
      loginTime: now,
      lastActive: now,
      callCount: 0,
      address: "127.0.0.1",
      userAgent: "vim-cmd",
    };
  }

  /** The same, for tasks that a test changes. */
  ruledBy(taskRule: TaskRule | undefined): HostAgent {
    return taskRule ? new HostAgent(this.host, this.#handlers, taskRule) : this;
  }

  /** @throws VimFault */
  async call<M extends keyof VimMethods>(
    method: M,
    ref: ManagedObjectReference,
    params: VimMethods[M]["params"],
  ): Promise<unknown> {
    const object = this.host.objects.find(ref.value);
    if (object === undefined) throw managedObjectNotFound(ref);
    const call = {
      object,
      method,
      session: this.#session,
      version: this.host.version,
      signal: new AbortController().signal,
      client: { address: "127.0.0.1", userAgent: "vim-cmd" },
      setCookie: () => undefined,
      taskRule: this.#taskRule,
    };
    return await this.#handlers.run(call, { ...params });
  }

  /** Starts a task, and waits for its end. @returns its result @throws VimFault, also that of the task */
  async task<M extends keyof VimMethods>(
    method: M,
    ref: ManagedObjectReference,
    params: VimMethods[M]["params"],
  ): Promise<TaskInfo["result"]> {
    const info = await this.host.tasks.finished(
      (await this.call(method, ref, params)) as ManagedObjectReference,
    );
    if (info?.error) {
      const { fault, localizedMessage } = info.error;
      const { $type = "SystemError", ...properties } = fault;
      throw new VimFault($type, localizedMessage ?? $type, properties);
    }
    return info?.result;
  }
}
