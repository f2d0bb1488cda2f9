/** `vim-cmd vmsvc/…`: the VMs of the host. */
import type { VirtualMachineSnapshotTree } from "../../../schema/index.ts";
import { ROOT_POOL, snapshotRef } from "../../core/ids.ts";
import { invalidArgument, VimFault } from "../../soap/fault.ts";
import { invalidPowerState } from "../../vm/power/power-state.ts";
import { answerQuestion } from "../../vm/power/questions.ts";
import { snapshotInfo } from "../../vm/snapshot/snapshot-objects.ts";
import { whyUnreadable } from "../../vm/unreadable.ts";
import type { Vm } from "../../vm/vm.ts";
import { FilesError } from "../files-error.ts";
import type { HostAgent } from "../host-agent.ts";
import type { Invocation } from "../invocation.ts";
import { formatFault, formatObject } from "./format.ts";

export interface VimCall extends Invocation {
  readonly agent: HostAgent;
}

/** @throws VimFault the host's refusal */
export type VimCommand = (call: VimCall) => Promise<void>;

const STATES = { poweredOn: "Powered on", poweredOff: "Powered off", suspended: "Suspended" } as const;

export const vmCommands: Readonly<Record<string, VimCommand>> = {
  "vmsvc/getallvms": getAllVms,
  "vmsvc/get.summary": async (call) =>
    await print(call, "Listsummary:", "VirtualMachineSummary", read(call, "summary")),
  "vmsvc/get.config": async (call) =>
    await print(call, "Configuration:", "VirtualMachineConfigInfo", vmOf(call).config),
  "vmsvc/get.guest": async (call) =>
    await print(call, "Guest information:", "GuestInfo", read(call, "guest")),
  "vmsvc/get.runtime": async (call) =>
    await print(call, "Runtime information", "VirtualMachineRuntimeInfo", read(call, "runtime")),
  "vmsvc/get.filelayout": async (call) =>
    await print(call, "Virtual machine file layout:", "VirtualMachineFileLayoutEx", read(call, "layoutEx")),
  "vmsvc/device.getdevices": async (call) =>
    await print(call, "Devices:", "VirtualHardware", vmOf(call).config.hardware),
  "vmsvc/power.getstate": async (call) => {
    await call.stdout(`Retrieved runtime info\n${STATES[vmOf(call).powerState]}\n`);
  },
  "vmsvc/power.on": (call) => power(call, "Powering on VM:", "Power on failed", "PowerOnVM_Task"),
  "vmsvc/power.off": (call) => power(call, "Powering off VM:", "Power off failed", "PowerOffVM_Task"),
  "vmsvc/power.reset": (call) => power(call, "Reset VM:", "Reset failed", "ResetVM_Task"),
  "vmsvc/power.suspend": (call) => power(call, "Suspending VM:", "Suspend failed", "SuspendVM_Task"),
  "vmsvc/power.shutdown": async (call) => void (await call.agent.call("ShutdownGuest", vmOf(call).ref, {})),
  "vmsvc/power.reboot": async (call) => void (await call.agent.call("RebootGuest", vmOf(call).ref, {})),
  "vmsvc/destroy": async (call) => void (await call.agent.task("Destroy_Task", vmOf(call).ref, {})),
  "vmsvc/unregister": async (call) => void (await call.agent.call("UnregisterVM", vmOf(call).ref, {})),
  "vmsvc/reload": async (call) => {
    const vm = vmOf(call);
    if (vm.powerState !== "poweredOff") throw invalidPowerState(vm, "poweredOff");
    await call.agent.call("Reload", vm.ref, {});
  },
  "vmsvc/message": message,
  "vmsvc/snapshot.create": async (call) => {
    const [, name = "", description = "", memory, quiesce] = call.args;
    const wish = { name, description, memory: isYes(memory), quiesce: isYes(quiesce) };
    const vm = vmOf(call);
    await call.stdout("Create Snapshot:\n");
    await call.agent.task("CreateSnapshot_Task", vm.ref, wish);
  },
  "vmsvc/snapshot.remove": async (call) => {
    await call.stdout("Remove Snapshot:\n");
    // A host of version 7 left the children where they are, whatever was asked.
    const removeChildren = isYes(call.args[2]) && !call.agent.host.options.apiVersion.startsWith("7.");
    await call.agent.task("RemoveSnapshot_Task", snapshotOf(call), { removeChildren });
    await printSnapshots(call);
  },
  "vmsvc/snapshot.removeall": async (call) => {
    await call.stdout("Remove All Snapshots:\n");
    await call.agent.task("RemoveAllSnapshots_Task", vmOf(call).ref, {});
  },
  "vmsvc/snapshot.revert": async (call) => {
    await call.stdout("Revert Snapshot:\n");
    await call.agent.task("RevertToSnapshot_Task", snapshotOf(call), {
      suppressPowerOn: isYes(call.args[2]),
    });
    await printSnapshots(call);
  },
  "vmsvc/snapshot.get": async (call) => {
    await call.stdout("Get Snapshot:\n");
    await printSnapshots(call);
  },
  "vmsvc/snapshot.dumpoption": async (call) => {
    vmOf(call);
    await call.stdout("Option are:\n");
  },
  "vmsvc/device.diskextend": extendDisk,
  "solo/registervm": registerVm,
};

/** Grows a disk on a SCSI bus, running or not: `ID KILOBYTES BUS UNIT`. Nobody has said what it does on other buses. */
async function extendDisk(call: VimCall): Promise<void> {
  const vm = vmOf(call);
  const [size, bus, unit] = call.args.slice(1).map(Number);
  const devices = vm.config.hardware.device ?? [];
  const controller = devices.find(
    (device) => "scsiCtlrUnitNumber" in device && "busNumber" in device && device.busNumber === bus,
  );
  const disk = devices.find(
    ({ $type, controllerKey, unitNumber }) =>
      $type === "VirtualDisk" && controllerKey === controller?.key && unitNumber === unit,
  );
  if (disk === undefined || controller === undefined || !size) throw invalidArgument("unit");
  const device = { ...disk, capacityInKB: size, capacityInBytes: size * 1024 };
  await call.agent.task("ReconfigVM_Task", vm.ref, {
    spec: { deviceChange: [{ operation: "edit", device }] },
  });
}

/** The VM of the first argument. */
function vmOf({ agent, args }: VimCall): Vm {
  const vm = agent.host.vms.find(args[0] ?? "");
  if (vm === undefined)
    throw new VimFault("NotFound", `Unable to find a VM corresponding to "${args[0] ?? ""}"`);
  return vm;
}

function read(call: VimCall, property: string): object {
  const value = call.agent.host.objects.find(vmOf(call).moid)?.readers[property]?.({ session: undefined });
  return typeof value === "object" && value !== null ? value : {};
}

async function print({ stdout }: VimCall, title: string, type: string, value: object): Promise<void> {
  await stdout(`${title}\n\n${formatObject(type, value)}\n`);
}

async function power(
  call: VimCall,
  title: string,
  failure: string,
  method: "PowerOnVM_Task" | "PowerOffVM_Task" | "ResetVM_Task" | "SuspendVM_Task",
): Promise<void> {
  const vm = vmOf(call);
  await call.stdout(`${title}\n`);
  if (method === "PowerOnVM_Task" && vm.isNew) {
    vm.isNew = false;
    if (call.agent.host.options.behaviour.firstPowerOn === "fails")
      return void (await call.stdout(`${failure}\n`));
  }
  try {
    await call.agent.task(method, vm.ref, {});
  } catch (error) {
    if (!(error instanceof VimFault)) throw error;
    // From 9.0 on the fault is printed after the failure, with the messages of all layers that passed it on.
    const isNew = Number.parseInt(call.agent.host.options.apiVersion, 10) >= 9;
    const messages = isNew ? [error.message, "Failed to start the virtual machine."] : [];
    await call.stdout(`${failure}${isNew ? ": " : "\n"}${formatFault(error, messages)}\n`);
  }
}

async function getAllVms({ agent, stdout }: VimCall): Promise<void> {
  const rows: string[][] = [];
  for (const vm of agent.host.vms.list()) {
    if (whyUnreadable(vm) || !(await vm.vmxFile.datastore.exists(vm.vmxFile.path))) {
      await stdout(`Skipping invalid VM '${vm.moid}'\n`);
      continue;
    }
    const { config } = vm;
    rows.push([vm.moid, config.name, vm.vmxPath, config.guestId, config.version, config.annotation ?? ""]);
  }
  const heads = ["Vmid", "Name", "File", "Guest OS", "Version"];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [[...heads, "Annotation"], ...rows]) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    await stdout(`${cells.join("   ").trimEnd()}\n`);
  }
}

/** A VM's question. With the question's id and a choice, the answer to it. */
async function message(call: VimCall): Promise<void> {
  const vm = vmOf(call);
  const [, id, choice] = call.args;
  const pending = vm.question;
  if (id !== undefined) return answerQuestion(vm, id, choice ?? "");
  if (pending === undefined) return void (await call.stdout("No message.\n"));
  const { question, info } = pending;
  const choices = question.choices.map((label, index) => {
    const isDefault = index === question.defaultChoice ? " [default]" : "";
    return `   ${index}. ${label} (${label})${isDefault}`;
  });
  await call.stdout(`Virtual machine message ${info.id}:\n${info.text}\n${choices.join("\n")}\n`);
}

async function registerVm(call: VimCall): Promise<void> {
  const [path = "", name, pool = ROOT_POOL.value] = call.args;
  const { files, cwd } = call.shell;
  const isPool = call.agent.host.objects.find(pool)?.ref.type === "ResourcePool";
  if (!isPool) throw invalidArgument("pool");
  const result = await call.agent.task(
    "RegisterVM_Task",
    { type: "Folder", value: "ha-folder-vm" },
    {
      path: datastorePath(),
      name,
      asTemplate: false,
      pool: { type: "ResourcePool", value: pool },
    },
  );
  const moid = typeof result === "object" && result !== null && "value" in result ? String(result.value) : "";
  await call.stdout(`${moid}\n`);

  function datastorePath(): string {
    if (path.startsWith("[")) return path;
    try {
      const place = files.place(cwd, path);
      if (place.kind === "datastore") return place.file.datastore.datastorePath(place.file.path);
    } catch (error) {
      if (!(error instanceof FilesError)) throw error;
    }
    throw new VimFault("InvalidDatastorePath", `Invalid datastore path '${path}'.`, { datastorePath: path });
  }
}

function snapshotOf(call: VimCall): ReturnType<typeof snapshotRef> {
  const vm = vmOf(call);
  const snapshot = vm.snapshots.list.find(({ id }) => String(id) === call.args[1]);
  if (snapshot === undefined)
    throw new VimFault("NotFound", "Unable to find a snapshot corresponding to the id.");
  return snapshotRef(vm, snapshot.id);
}

async function printSnapshots(call: VimCall): Promise<void> {
  const info = snapshotInfo(vmOf(call));
  const show = async (trees: readonly VirtualMachineSnapshotTree[], depth: number): Promise<void> => {
    for (const tree of trees) {
      const dashes = "-".repeat(depth * 2);
      await call.stdout(`|${depth === 0 ? "-ROOT" : `${dashes}CHILD`}\n`);
      const line = (key: string, value: string): string => `${dashes}--${key.padEnd(24)}: ${value}\n`;
      await call.stdout(
        line("Snapshot Name", tree.name) +
          line("Snapshot Id", String(tree.id)) +
          line("Snapshot Desciption", tree.description) +
          line("Snapshot Created On", tree.createTime) +
          line("Snapshot State", tree.state === "poweredOn" ? "powered on" : "powered off"),
      );
      await show(tree.childSnapshotList ?? [], depth + 1);
    }
  };
  await show(info?.rootSnapshotList ?? [], 0);
}

function isYes(text: string | undefined): boolean {
  return text === "1" || text?.toLowerCase() === "true";
}
