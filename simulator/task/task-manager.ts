/** Task, TaskManager and its history collectors. */
import type { TaskFilterSpec, TaskInfo } from "../../schema/index.ts";
import { TASK_MANAGER } from "../core/ids.ts";
import { type Call, type ExtraHandlers, type Handlers, type Part, sessionOf } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { notSupported } from "../soap/fault.ts";

export function taskManager(host: HostContext): Part {
  return {
    objects: [
      {
        ref: TASK_MANAGER,
        readers: {
          recentTask: () => host.tasks.recent(),
          description: () => ({ methodInfo: [], state: [], reason: [] }),
          maxCollector: () => 10,
        },
      },
    ],
    handlers: taskHandlers(host),
    extraHandlers: taskCollectorHandlers(host),
  };
}

function taskHandlers(host: HostContext): Handlers {
  let next = 0;
  return {
    CancelTask: (call) => host.tasks.cancel(call.object.ref),
    SetTaskState: () => {
      throw notSupported();
    },

    CreateCollectorForTasks(call, { filter }) {
      const session = sessionOf(call).key;
      const ref = { type: "TaskHistoryCollector", value: `session[${session}]52tasks-${next++}` };
      host.objects.add({
        ref,
        session,
        readers: { filter: () => filter, latestPage: () => selected(host, filter).reverse() },
      });
      return ref;
    },
  };
}

function taskCollectorHandlers(host: HostContext): ExtraHandlers {
  /** How far each collector has read. */
  const places = new Map<string, number>();
  const page = (call: Call, count: unknown, tasks: readonly TaskInfo[]): readonly TaskInfo[] => {
    const at = places.get(call.object.ref.value) ?? 0;
    const end = at + Number(count);
    places.set(call.object.ref.value, Math.min(end, tasks.length));
    return tasks.slice(at, end);
  };
  return {
    ReadNextTasks: (call, { maxCount }) => page(call, maxCount, selected(host, filterOf(call))),
    ReadPreviousTasks: (call, { maxCount }) => page(call, maxCount, selected(host, filterOf(call)).reverse()),
    RewindCollector: (call) => void places.delete(call.object.ref.value),
    ResetCollector: (call) => void places.delete(call.object.ref.value),
    SetCollectorPageSize: () => undefined,
    DestroyCollector(call) {
      places.delete(call.object.ref.value);
      host.objects.remove(call.object.ref);
    },
  };
}

function filterOf(call: Call): TaskFilterSpec {
  return call.object.readers.filter?.({ session: call.session?.key }) as TaskFilterSpec;
}

function selected(host: HostContext, filter: TaskFilterSpec): TaskInfo[] {
  return host.tasks
    .list()
    .filter(
      (info) => covers(filter, info) && (filter.state === undefined || filter.state.includes(info.state)),
    );
}

/** True if the task belongs to the filter's entity, or to one below it if the filter includes those. */
function covers({ entity }: TaskFilterSpec, info: TaskInfo): boolean {
  if (entity === undefined || entity.entity.value === info.entity?.value) return true;
  return entity.recursion !== "self" && /^(Folder|Datacenter|ComputeResource)$/.test(entity.entity.type);
}
