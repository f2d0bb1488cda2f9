/** Powering VMs on and off, and the behaviour of their guests. */
import { createHash } from "node:crypto";
import type { VirtualMachinePowerState } from "../../../schema/index.ts";
import { fileFault } from "../../core/datastore-faults.ts";
import { formatFile, namedFile, sameFile, volumePath } from "../../datastore/file.ts";
import { readChain } from "../../disk/chain.ts";
import { changeContentId } from "../../disk/delta.ts";
import { hostedDiskType } from "../../disk/sparse/hosted-disk.ts";
import type { HostContext } from "../../host-context.ts";
import type { Pools } from "../../pools/pools.ts";
import { VimFault } from "../../soap/fault.ts";
import { slotName, usedSlots } from "../device/bus.ts";
import { startsConnected } from "../device/connectable.ts";
import { drives, hasMedia } from "../device/drive/media.ts";
import { ethernetNumbers } from "../device/ethernet.ts";
import { presentNumbers } from "../device/plain-device.ts";
import { SERIAL } from "../device/serial.ts";
import { isDisk } from "../device/virtual-disk.ts";
import { lockOf } from "../files/locks.ts";
import { hasNetwork, toolsRunning } from "../guest/guest.ts";
import { isAltered, locationUuid, renewIdentity } from "../identity/location.ts";
import { generateUuid, vmxUuid } from "../identity/uuid.ts";
import { withoutSlot } from "../pci-bridges.ts";
import type { Vm } from "../vm.ts";
import type { Vms } from "../vms.ts";
import type { Vmx } from "../vmx.ts";
import { checkLogicalCpus, checkReservations, MEMORY_STEP_MB } from "./admission.ts";
import { invalidPowerState } from "./power-state.ts";
import { ask, UUID_ALTERED } from "./questions.ts";

/** The answers to the question whether the VM was moved or copied. */
const MOVED = 1;
const COPIED = 2;
const NVRAM_BYTES = 8684;
/** Timers of guests that boot or shut down. */
export class Power {
  readonly #host: HostContext;
  readonly #vms: Vms;
  readonly #pools: Pools;
  readonly #timers = new Map<string, Set<NodeJS.Timeout>>();

  constructor(host: HostContext, vms: Vms, pools: Pools) {
    this.#host = host;
    this.#vms = vms;
    this.#pools = pools;
  }

  /** @throws VimFault InvalidPowerState, and other faults if the VM cannot start */
  async powerOn(vm: Vm): Promise<void> {
    if (vm.powerState === "poweredOn") throw invalidPowerState(vm, "poweredOn");
    await vm.reload().catch((error: unknown) => Promise.reject(fileFault(error)));
    this.#check(vm);
    await this.#identify(vm);
    await this.#checkDisks(vm);
    const { datastore, path } = vm.folder;
    await this.#openDisks(vm);
    const nvram = `${path}/${vm.vmx.get("nvram") ?? `${vm.baseName}.nvram`}`;
    if (!(await datastore.exists(nvram))) await datastore.writeFile(nvram, Buffer.alloc(NVRAM_BYTES));
    await datastore.writeFile(
      `${path}/vmware.log`,
      `${new Date().toISOString()} In(05) vmx - Powering on ${vm.name}\n`,
    );
    vm.connected = await this.#connections(vm);
    vm.bootTime = new Date();
    this.#set(vm, "poweredOn");
    await vm.refresh();
    this.bootGuest(vm);
  }

  /** @throws VimFault InvalidPowerState */
  powerOff(vm: Vm): void {
    if (vm.powerState === "poweredOff") throw invalidPowerState(vm, "poweredOff");
    this.#stopGuest(vm);
    vm.bootTime = undefined;
    vm.connected = new Map();
    this.#set(vm, "poweredOff");
  }

  /** @throws VimFault InvalidPowerState */
  suspend(vm: Vm): void {
    if (vm.powerState !== "poweredOn") throw invalidPowerState(vm, "suspended");
    this.#stopGuest(vm);
    this.#set(vm, "suspended");
  }

  /** @throws VimFault InvalidPowerState */
  reset(vm: Vm): void {
    if (vm.powerState !== "poweredOn") throw invalidPowerState(vm, "poweredOn");
    this.#stopGuest(vm);
    vm.bootTime = new Date();
    this.bootGuest(vm);
  }

  /** Asks the guest to shut down, which it does a moment later. @throws VimFault InvalidPowerState, ToolsUnavailable */
  shutdownGuest(vm: Vm): void {
    this.#needTools(vm);
    this.#after(vm, this.#host.options.guestAddressDelayMs / 2, () => this.powerOff(vm));
  }

  /** Asks the guest to shut down. Powers the VM off if it has no Tools. */
  stopByGuest(vm: Vm): void {
    if (toolsRunning(vm.guestStage)) this.shutdownGuest(vm);
    else this.powerOff(vm);
  }

  /** @throws VimFault InvalidPowerState, ToolsUnavailable */
  rebootGuest(vm: Vm): void {
    this.#needTools(vm);
    this.#after(vm, this.#host.options.guestAddressDelayMs / 2, () => this.reset(vm));
  }

  /** @throws VimFault InvalidPowerState, ToolsUnavailable */
  standbyGuest(vm: Vm): void {
    this.#needTools(vm);
    this.#after(vm, this.#host.options.guestAddressDelayMs / 2, () => this.suspend(vm));
  }

  /** Boots the guest: first Tools with link-local addresses come up, then the network. */
  bootGuest(vm: Vm): void {
    vm.guestStage = "booting";
    if (!hasNetwork({ vmx: vm.vmx, networks: this.#host.networks, connected: vm.connected })) return;
    const delay = this.#host.options.guestAddressDelayMs;
    const reach = (stage: "toolsUp" | "ready"): void => {
      vm.guestStage = stage;
      vm.changed("guest", "summary", "guestHeartbeatStatus");
    };
    // One after the other, because in a busy process two timers can end in the wrong order.
    this.#after(vm, delay / 2, () => {
      reach("toolsUp");
      this.#after(vm, delay / 2, () => reach("ready"));
    });
  }

  stop(): void {
    for (const vm of this.#vms.list())
      vm.question?.giveUp(new VimFault("RequestCanceled", "The host is shutting down."));
    for (const timers of this.#timers.values()) for (const timer of timers) clearTimeout(timer);
    this.#timers.clear();
  }

  forget(vm: Vm): void {
    for (const timer of this.#timers.get(vm.moid) ?? []) clearTimeout(timer);
    this.#timers.delete(vm.moid);
  }

  #needTools(vm: Vm): void {
    if (vm.powerState !== "poweredOn") throw invalidPowerState(vm, "poweredOn");
    if (!toolsRunning(vm.guestStage)) {
      throw new VimFault(
        "ToolsUnavailable",
        "Cannot complete operation because VMware Tools is not running in this virtual machine.",
      );
    }
  }

  #stopGuest(vm: Vm): void {
    this.forget(vm);
    vm.guestStage = "off";
    vm.changed("guest", "summary", "guestHeartbeatStatus");
  }

  /** The connections when the VM starts: every device that is to be connected and that the host finds. */
  async #connections(vm: Vm): Promise<Map<string, boolean>> {
    const { vmx } = vm;
    const connected = new Map<string, boolean>();
    for (const number of ethernetNumbers(vmx)) {
      const slot = `ethernet${number}`;
      const hasNetwork = this.#host.networks.includes(vmx.get(`${slot}.networkName`) ?? "");
      connected.set(slot, hasNetwork && startsConnected(vmx, slot));
    }
    const context = vm.deviceContext(vmx);
    for (const slot of drives(vmx))
      connected.set(slot, startsConnected(vmx, slot) && (await hasMedia(context, slot)));
    for (const number of presentNumbers(vmx, SERIAL.slot, SERIAL.max))
      connected.set(`serial${number}`, startsConnected(vmx, `serial${number}`));
    return connected;
  }

  #set(vm: Vm, state: VirtualMachinePowerState): void {
    vm.powerState = state;
    vm.save();
    vm.changed("runtime", "summary", "guest");
  }

  #after(vm: Vm, ms: number, work: () => void): void {
    if (!Number.isFinite(ms)) return;
    const timers = this.#timers.get(vm.moid) ?? new Set();
    this.#timers.set(vm.moid, timers);
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timer.unref();
    timers.add(timer);
  }

  /** A VM that is in another place asks whether it was moved or copied, unless its `.vmx` says so. */
  async #identify(vm: Vm): Promise<void> {
    const location = locationUuid(this.#host.identity.uuid, vm.vmxFile);
    if (isAltered(vm.vmx, location)) {
      const action = vm.vmx.get("uuid.action")?.toLowerCase();
      const choice =
        action === "create" || action === "change"
          ? COPIED
          : action === "keep"
            ? MOVED
            : await ask(vm, UUID_ALTERED);
      if (choice !== MOVED && choice !== COPIED)
        throw new VimFault("GenericVmConfigFault", "The power on was cancelled by the user.", {
          reason: "msg.uuid.altered",
        });
      const vmx = vm.vmx.clone();
      if (choice === COPIED) renewIdentity(vmx);
      await this.#note(vm, vmx, location);
    } else await this.#note(vm, vm.vmx.clone(), location);
  }

  /** Writes the keys that only a VM has that has run. */
  async #note(vm: Vm, vmx: Vmx, location: string): Promise<void> {
    vmx.set("uuid.location", location);
    // The firmware opens its setup once.
    vmx.set("bios.forceSetupOnce", undefined);
    if (vmx.get("vmci0.id") === undefined) vmx.set("vmci0.id", Number.parseInt(vm.uuid.slice(-8), 16) | 0);
    for (const controller of [0, 1, 2, 3]) {
      const key = `nvme${controller}.subnqnUUID`;
      if (vmx.flag(`nvme${controller}.present`) && vmx.get(key) === undefined)
        vmx.set(key, vmxUuid(generateUuid("52")));
    }
    const hash = createHash("sha256").update(location).digest("hex").slice(0, 8);
    vmx.set("migrate.hostlog", `./${vm.baseName}-${hash}.hlog`);
    vmx.set(
      "sched.swap.derivedName",
      volumePath({ ...vm.folder, path: `${vm.folder.path}/${vm.baseName}-${hash}.vswp` }),
    );
    await vm.commit(vmx);
  }

  /** Refuses formats of other products. Nothing before this step shows that they do not run. */
  async #checkDiskTypes(vm: Vm): Promise<void> {
    for (const slot of usedSlots(vm.vmx).filter((one) => isDisk(vm.vmx, one))) {
      const name = slotName(slot);
      const { datastore, path } = namedFile(
        this.#host.datastores,
        vm.vmxFile,
        vm.vmx.get(`${name}.fileName`) ?? "",
      );
      const type = await hostedDiskType(datastore.localPath(path));
      if (type === undefined) continue;
      throw configFault(
        `Unsupported or invalid disk type ${type} for '${name}'. Ensure that the disk has been imported.`,
      );
    }
  }

  /**
   * The guest writes to its disks, which changes their content ids. Disks that have one of them as a parent are broken
   * then.
   */
  async #openDisks(vm: Vm): Promise<void> {
    for (const slot of usedSlots(vm.vmx).filter((one) => isDisk(vm.vmx, one))) {
      const name = slotName(slot);
      if (/nonpersistent/.test(vm.vmx.get(`${name}.mode`) ?? "")) continue;
      const file = namedFile(this.#host.datastores, vm.vmxFile, vm.vmx.get(`${name}.fileName`) ?? "");
      await changeContentId(file);
    }
  }

  /** Checks that ESXi only makes when a VM starts. */
  #check(vm: Vm): void {
    const { vmx } = vm;
    const memory = vmx.number("memSize") ?? 32;
    if (memory % MEMORY_STEP_MB !== 0) {
      throw configFault(
        `Invalid memory setting: memory size (${memory} MB) should be a multiple of ${MEMORY_STEP_MB} MB.`,
      );
    }
    checkLogicalCpus(vmx);
    const device = withoutSlot(vmx);
    if (device !== undefined) throw configFault(`No PCIe slot available for ${device}.`);
    checkReservations(this.#pools, vm, vmx);
    for (const ide of [0, 1]) {
      if (vmx.flag(`ide${ide}:1.present`) && !vmx.flag(`ide${ide}:0.present`)) {
        throw configFault(`IDE slave device ide${ide}:1 requires a master device to be present.`);
      }
    }
    for (const number of ethernetNumbers(vmx)) {
      const mac =
        vmx.get(`ethernet${number}.addressType`) === "static"
          ? vmx.get(`ethernet${number}.address`)
          : undefined;
      if (mac !== undefined && !isAllowedStatic(mac)) {
        throw configFault(
          `The MAC address "${mac}" is not an allowed static Ethernet address. It conflicts with VMware reserved MACs for other usage.`,
        );
      }
    }
  }

  /** Its disks must be whole, and no other running VM may have them. */
  async #checkDisks(vm: Vm): Promise<void> {
    await this.#checkDiskTypes(vm);
    const others = this.#vms.list().filter((other) => other !== vm);
    const files = vm.diskFiles();
    for (const [index, file] of files.entries()) {
      if (files.slice(0, index).some((one) => sameFile(one, file))) throw fileLocked(formatFile(file));
      const [own, ...parents] = await readChain(this.#host.datastores, file).catch((error: unknown) =>
        Promise.reject(fileFault(error)),
      );
      for (const { file: one } of [own, ...parents]) {
        const lock = lockOf(others, one);
        if (lock !== "exclusive" && (lock === undefined || one !== own.file)) continue;
        throw fileLocked(formatFile(one));
      }
    }
  }
}

/** VMware reserves 00:0c:29, and 00:50:56 without its first quarter, for generated addresses. */
function isAllowedStatic(mac: string): boolean {
  const [a, b, c, d] = mac.toLowerCase().split(":");
  if (a === "00" && b === "0c" && c === "29") return false;
  const first = Number.parseInt(a ?? "", 16);
  if ((first & 1) === 1 || /^00(:00){5}$/.test(mac)) return false;
  return !(a === "00" && b === "50" && c === "56") || Number.parseInt(d ?? "", 16) <= 0x3f;
}

function fileLocked(path: string): VimFault {
  return new VimFault("FileLocked", `Unable to access file ${path} since it is locked`, { file: path });
}

function configFault(reason: string): VimFault {
  return new VimFault("GenericVmConfigFault", reason, { reason });
}
