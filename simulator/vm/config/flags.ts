/** Flags of the VM, of Tools, and of what its power buttons do: each a key of the `.vmx`, absent where it is as usual. */
import type {
  ToolsConfigInfo,
  VirtualMachineDefaultPowerOpInfo,
  VirtualMachineFlagInfo,
} from "../../../schema/index.ts";
import { invalidArgument } from "../../soap/fault.ts";
import type { Vmx } from "../vmx.ts";

/** The API's values and what the `.vmx` says for each; the first is the usual one. */
type Choices = Readonly<Record<string, string>>;

const MMU: Choices = { automatic: "automatic", on: "hardware", off: "software" };
const EXEC: Choices = { hvAuto: "automatic", hvOn: "hardware", hvOff: "software" };
const MONITOR: Choices = { release: "release", debug: "debug", stats: "stats" };
const SHARING: Choices = { any: "any", none: "none", internal: "internal" };
const ON_POWER_OFF: Choices = {
  powerOff: "keep",
  revert: "autoRevert",
  prompt: "prompt",
  take: "autoCommit",
};
const UPGRADE: Choices = { manual: "manual", upgradeAtPowerCycle: "upgradeAtPowerCycle" };
const SOFT: Choices = { soft: "soft", hard: "hard", preset: "default" };
const HARD: Choices = { hard: "hard", soft: "soft", preset: "default" };
const STANDBY: Choices = { checkpoint: "FALSE", powerOnSuspend: "TRUE" };

export function readFlags(vmx: Vmx): VirtualMachineFlagInfo {
  return {
    disableAcceleration: vmx.flag("monitor_control.disable_acceleration"),
    enableLogging: flag(vmx, "logging", true),
    useToe: false,
    runWithDebugInfo: vmx.flag("monitor.debug"),
    monitorType: choice(vmx, "monitor.type", MONITOR),
    htSharing: choice(vmx, "sched.cpu.htsharing", SHARING),
    snapshotDisabled: vmx.flag("snapshot.disabled"),
    snapshotLocked: vmx.flag("snapshot.locked"),
    diskUuidEnabled: vmx.flag("disk.EnableUUID"),
    virtualMmuUsage: choice(vmx, "monitor.virtual_mmu", MMU),
    virtualExecUsage: choice(vmx, "monitor.virtual_exec", EXEC),
    snapshotPowerOffBehavior: choice(vmx, "snapshot.action", ON_POWER_OFF),
    recordReplayEnabled: false,
    faultToleranceType: "unset",
    vvtdEnabled: vmx.flag("vvtd.enable"),
    vbsEnabled: vmx.flag("windows.vbs.enabled"),
  };
}

/** @throws VimFault InvalidArgument */
export function writeFlags(vmx: Vmx, flags: VirtualMachineFlagInfo): void {
  setFlag(vmx, "monitor_control.disable_acceleration", flags.disableAcceleration);
  setFlag(vmx, "logging", flags.enableLogging, true);
  setFlag(vmx, "monitor.debug", flags.runWithDebugInfo);
  setFlag(vmx, "snapshot.disabled", flags.snapshotDisabled);
  setFlag(vmx, "snapshot.locked", flags.snapshotLocked);
  setFlag(vmx, "disk.EnableUUID", flags.diskUuidEnabled);
  setFlag(vmx, "vvtd.enable", flags.vvtdEnabled);
  setFlag(vmx, "windows.vbs.enabled", flags.vbsEnabled);
  const path = "configSpec.flags";
  setChoice(vmx, "monitor.type", MONITOR, flags.monitorType, `${path}.monitorType`);
  setChoice(vmx, "sched.cpu.htsharing", SHARING, flags.htSharing, `${path}.htSharing`);
  setChoice(vmx, "monitor.virtual_mmu", MMU, flags.virtualMmuUsage, `${path}.virtualMmuUsage`);
  setChoice(vmx, "monitor.virtual_exec", EXEC, flags.virtualExecUsage, `${path}.virtualExecUsage`);
  const action = flags.snapshotPowerOffBehavior;
  setChoice(vmx, "snapshot.action", ON_POWER_OFF, action, `${path}.snapshotPowerOffBehavior`);
}

export function readTools(vmx: Vmx): ToolsConfigInfo {
  return {
    toolsVersion: 0,
    afterPowerOn: flag(vmx, "toolScripts.afterPowerOn", true),
    afterResume: flag(vmx, "toolScripts.afterResume", true),
    beforeGuestStandby: flag(vmx, "toolScripts.beforeSuspend", true),
    beforeGuestShutdown: flag(vmx, "toolScripts.beforePowerOff", true),
    toolsUpgradePolicy: choice(vmx, "tools.upgrade.policy", UPGRADE),
    syncTimeWithHost: vmx.flag("tools.syncTime"),
  };
}

/** @throws VimFault InvalidArgument */
export function writeTools(vmx: Vmx, tools: ToolsConfigInfo): void {
  setFlag(vmx, "toolScripts.afterPowerOn", tools.afterPowerOn, true);
  setFlag(vmx, "toolScripts.afterResume", tools.afterResume, true);
  setFlag(vmx, "toolScripts.beforeSuspend", tools.beforeGuestStandby, true);
  setFlag(vmx, "toolScripts.beforePowerOff", tools.beforeGuestShutdown, true);
  setFlag(vmx, "tools.syncTime", tools.syncTimeWithHost);
  const path = "configSpec.tools.toolsUpgradePolicy";
  setChoice(vmx, "tools.upgrade.policy", UPGRADE, tools.toolsUpgradePolicy, path);
}

export function readPowerOps(vmx: Vmx): VirtualMachineDefaultPowerOpInfo {
  const off = choice(vmx, "powerType.powerOff", SOFT);
  const suspend = choice(vmx, "powerType.suspend", HARD);
  const reset = choice(vmx, "powerType.reset", SOFT);
  return {
    powerOffType: off,
    suspendType: suspend,
    resetType: reset,
    defaultPowerOffType: off === "preset" ? "soft" : off,
    defaultSuspendType: suspend === "preset" ? "hard" : suspend,
    defaultResetType: reset === "preset" ? "soft" : reset,
    standbyAction: choice(vmx, "chipset.onlineStandby", STANDBY),
  };
}

/** @throws VimFault InvalidArgument */
export function writePowerOps(vmx: Vmx, ops: VirtualMachineDefaultPowerOpInfo): void {
  const path = "configSpec.powerOpInfo";
  setChoice(vmx, "powerType.powerOff", SOFT, ops.powerOffType, `${path}.powerOffType`);
  setChoice(vmx, "powerType.suspend", HARD, ops.suspendType, `${path}.suspendType`);
  setChoice(vmx, "powerType.reset", SOFT, ops.resetType, `${path}.resetType`);
  setChoice(vmx, "chipset.onlineStandby", STANDBY, ops.standbyAction, `${path}.standbyAction`);
}

function flag(vmx: Vmx, key: string, usual: boolean): boolean {
  return vmx.get(key) === undefined ? usual : vmx.flag(key);
}

function setFlag(vmx: Vmx, key: string, value: boolean | undefined, usual = false): void {
  if (value !== undefined) vmx.set(key, value === usual ? undefined : value);
}

function choice(vmx: Vmx, key: string, choices: Choices): string {
  const said = vmx.get(key)?.toLowerCase();
  const found = Object.entries(choices).find(([, text]) => text.toLowerCase() === said);
  return (found ?? Object.entries(choices)[0] ?? [""])[0];
}

function setChoice(
  vmx: Vmx,
  key: string,
  choices: Choices,
  value: string | undefined,
  property: string,
): void {
  if (value === undefined) return;
  const text = Object.hasOwn(choices, value) ? choices[value] : undefined;
  if (text === undefined) throw invalidArgument(property);
  vmx.set(key, value === Object.keys(choices)[0] ? undefined : text);
}
