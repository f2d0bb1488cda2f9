/** `vim-cmd hostsvc/rsrc/…`: the host's resource pools. */
import type {
  ManagedObjectReference,
  ResourceAllocationInfo,
  ResourceConfigSpec,
  SharesInfo,
} from "../../../schema/index.ts";
import { reference } from "../../core/objects.ts";
import { invalidArgument, VimFault } from "../../soap/fault.ts";
import { formatObject } from "./format.ts";
import type { VimCall, VimCommand } from "./vmsvc.ts";

export const poolCommands: Readonly<Record<string, VimCommand>> = {
  "hostsvc/rsrc/create": async (call) => {
    const { options, operands } = take(call);
    const [parent, name = ""] = operands;
    const spec = {
      cpuAllocation: allocation(options, "cpu", NEW),
      memoryAllocation: allocation(options, "mem", NEW),
    };
    const made = await call.agent.call("CreateResourcePool", poolOf(call, parent), { name, spec });
    await call.stdout(`'vim.ResourcePool:${(made as ManagedObjectReference).value}'\n`);
  },
  "hostsvc/rsrc/rename": async (call) => {
    const { operands } = take(call);
    await call.agent.call("UpdateConfig", poolOf(call, operands[0]), { name: operands[1] ?? "" });
  },
  "hostsvc/rsrc/pool_config_get": async (call) => {
    const [id] = take(call).operands;
    await call.stdout(`${formatObject("ResourceConfigSpec", configOf(call, id))}\n`);
  },
  "hostsvc/rsrc/pool_config_set": async (call) => {
    const { options, operands } = take(call);
    const now = configOf(call, operands[0]);
    const config = {
      cpuAllocation: allocation(options, "cpu", now.cpuAllocation),
      memoryAllocation: allocation(options, "mem", now.memoryAllocation),
    };
    await call.agent.call("UpdateConfig", poolOf(call, operands[0]), { config });
  },
  "hostsvc/rsrc/destroy": async (call) =>
    void (await call.agent.task("Destroy_Task", poolOf(call, take(call).operands[0]), {})),
};

const NEW: ResourceAllocationInfo = {
  reservation: 0,
  expandableReservation: true,
  limit: -1,
  shares: { level: "normal", shares: 0 },
};

/** An option is `--name=value`. Values that are not given stay. */
function allocation(
  options: ReadonlyMap<string, string>,
  prefix: "cpu" | "mem",
  now: ResourceAllocationInfo,
): ResourceAllocationInfo {
  const number = (name: string, before: number | undefined): number | undefined => {
    const text = options.get(`${prefix}-${name}`);
    if (text === undefined) return before;
    if (!/^-?\d+$/.test(text)) throw invalidArgument(name);
    return Number(text);
  };
  const shares = options.get(`${prefix}-shares`);
  const expandable = options.get(`${prefix}-min-expandable`);
  return {
    reservation: number("min", now.reservation),
    expandableReservation: expandable === undefined ? now.expandableReservation : expandable === "true",
    limit: number("max", now.limit),
    shares: shares === undefined ? now.shares : sharesOf(shares),
  };
}

function sharesOf(text: string): SharesInfo {
  if (/^\d+$/.test(text)) return { level: "custom", shares: Number(text) };
  const level = (["low", "normal", "high"] as const).find((one) => one === text);
  if (level === undefined) throw invalidArgument("shares");
  return { level, shares: 0 };
}

function take({ args }: VimCall): { options: Map<string, string>; operands: string[] } {
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === "--") return { options, operands: [...operands, ...args.slice(index + 1)] };
    const [, name, value = ""] = /^--([\w-]+)=(.*)$/s.exec(arg) ?? [];
    if (name !== undefined) options.set(name, value);
    else if (arg.startsWith("-")) throw invalidArgument(arg);
    else operands.push(arg);
  }
  return { options, operands };
}

function poolOf({ agent }: VimCall, id = ""): ManagedObjectReference {
  const ref = reference("ResourcePool", id);
  if (agent.host.objects.find(id)?.ref.type !== "ResourcePool")
    throw new VimFault("NotFound", `Unable to find a resource pool corresponding to "${id}"`);
  return ref;
}

function configOf(call: VimCall, id = ""): ResourceConfigSpec {
  const { value } = poolOf(call, id);
  return call.agent.host.objects.find(value)?.readers.config?.({ session: undefined }) as ResourceConfigSpec;
}
