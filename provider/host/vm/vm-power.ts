import type { ManagedObjectReference } from "../../../schema/index.ts";
import { pauseFor } from "../../pause.ts";
import { isFault } from "../../vim/faults.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import type { ObservedVm } from "./reading/observed-vm.ts";

/** A power-on that takes longer may wait until somebody answers a question of the host. */
const QUESTION_AFTER_MS = 15_000;

/** @throws HostError with the question, if the host asks one instead of powering on. */
export async function powerOnVm(
  host: EsxiHost,
  vm: { readonly ref: ManagedObjectReference; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  try {
    await Promise.race([
      host.task(() => host.client.call(vm.ref, "PowerOnVM_Task", {}), { signal: either }),
      failOnQuestion(host, vm, either),
    ]);
  } catch (error) {
    if (!(await isAlready(host, vm.ref, "poweredOn", error))) throw error;
  } finally {
    settled.abort();
  }
}

/** Powers off without asking the guest. */
export async function powerOffVm(
  host: EsxiHost,
  vm: ManagedObjectReference,
  signal: AbortSignal,
): Promise<void> {
  try {
    await host.task(() => host.client.call(vm, "PowerOffVM_Task", {}), { signal });
  } catch (error) {
    if (!(await isAlready(host, vm, "poweredOff", error))) throw error;
  }
}

/** Asks the guest to shut down, and powers the VM off if it has no VMware Tools or takes longer than that. */
export async function shutDownVm(
  host: EsxiHost,
  vm: ObservedVm,
  limits: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<void> {
  if (vm.toolsRunning && limits.seconds > 0) {
    const patience = AbortSignal.timeout(limits.seconds * 1000);
    const signal = AbortSignal.any([limits.signal, patience]);
    try {
      await host.client.call(vm.ref, "ShutdownGuest", {}, { signal });
      await waitUntilOff(host, vm.ref, signal);
      host.vms.forget();
      return;
    } catch (error) {
      limits.signal.throwIfAborted();
      const guestCannot = ["ToolsUnavailable", "InvalidPowerState", "NotSupported"].some((type) =>
        isFault(error, type),
      );
      if (!patience.aborted && !guestCannot) throw error;
    }
  }
  await powerOffVm(host, vm.ref, limits.signal);
}

async function failOnQuestion(
  host: EsxiHost,
  vm: { readonly ref: ManagedObjectReference; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  await pauseFor(QUESTION_AFTER_MS, signal);
  const question = await host.client.updates.watch(
    vm.ref,
    "VirtualMachine",
    ["runtime.question"],
    (values) => values["runtime.question"],
    signal,
  );
  throw new HostError(
    `${host.name}: "${vm.name}" does not power on, because the host waits for the answer to its question: ` +
      `${question.text} Answer it in the host's client, then run \`pulumi up\` again.`,
  );
}

/** True if the fault only says that the VM is in that power state already, because somebody was faster. */
async function isAlready(
  host: EsxiHost,
  vm: ManagedObjectReference,
  state: ObservedVm["powerState"],
  error: unknown,
): Promise<boolean> {
  if (!isFault(error, "InvalidPowerState") && !isFault(error, "InvalidState")) return false;
  return (await host.vms.byReference(vm))?.powerState === state;
}

/** Waits until a machine is powered off, by anybody. The host says when. */
export async function waitUntilOff(
  host: EsxiHost,
  vm: ManagedObjectReference,
  signal: AbortSignal,
): Promise<void> {
  await host.client.updates.watch(
    vm,
    "VirtualMachine",
    ["runtime.powerState"],
    (values) => values["runtime.powerState"] === "poweredOff" || undefined,
    signal,
  );
}
