/** ImportVApp: makes the VM of an import spec, and locks it with a lease until its files are there. */
import type {
  ManagedObjectReference,
  VirtualDevice,
  VirtualDisk,
  VirtualDiskFlatVer2BackingInfo,
  VirtualMachineImportSpec,
} from "../../schema/index.ts";
import { readDescriptor } from "../disk/disk.ts";
import type { Call } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { type ImportUpload, listUploads } from "../ovf/import-key.ts";
import type { Pools } from "../pools/pools.ts";
import { invalidArgument, VimFault } from "../soap/fault.ts";
import type { TaskControl } from "../task/tasks.ts";
import { slotName, slotOfKey } from "../vm/device/bus.ts";
import { storedName } from "../vm/identity/names.ts";
import { generateUuid } from "../vm/identity/uuid.ts";
import type { Created, Vms } from "../vm/vms.ts";
import { Lease, type LeaseEndpoint, type LeaseFile } from "./lease.ts";

/** What leases say about the certificate of the upload server. */
export interface LeaseCertificate {
  /** PEM */
  readonly cert: string;
  /** SHA-256, upper-case hex with colons. */
  readonly thumbprint: string;
  /** SHA-1 in the same form. */
  readonly sha1Thumbprint: string;
}

export class Leases {
  readonly #host: HostContext;
  readonly #vms: Vms;
  readonly #pools: Pools;
  readonly #certificate: LeaseCertificate;
  readonly #leases = new Map<string, Lease>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Import keys of files that CreateImportSpec told clients to send. */
  readonly #promised = new Set<string>();

  constructor(host: HostContext, vms: Vms, pools: Pools, certificate: LeaseCertificate) {
    this.#host = host;
    this.#vms = vms;
    this.#pools = pools;
    this.#certificate = certificate;
  }

  #endpoint(): LeaseEndpoint {
    const { cert, thumbprint, sha1Thumbprint } = this.#certificate;
    const told = this.#host.options.behaviour.leaseCertificate;
    if (told === "whole") return { sslThumbprint: "", sslCertificate: cert };
    return { sslThumbprint: told === "sha256" ? thumbprint : sha1Thumbprint };
  }

  find(id: string): Lease | undefined {
    return this.#leases.get(id);
  }

  /** Leases that have not ended. */
  active(): Lease[] {
    return [...this.#leases.values()].filter(
      (lease) => lease.state === "initializing" || lease.state === "ready",
    );
  }

  /** Notes the files that an import will send. */
  promise(deviceIds: readonly string[]): void {
    for (const id of deviceIds) this.#promised.add(id);
  }

  /** @throws VimFault DuplicateName, InvalidArgument */
  start(call: Call, spec: VirtualMachineImportSpec, userName: string): Lease {
    const host = this.#host;
    const pool = call.object.ref;
    const name = spec.configSpec.name;
    if (name === undefined) throw invalidArgument("spec.configSpec.name");
    this.#vms.checkName(storedName(name));
    const ref = { type: "HttpNfcLease", value: generateUuid("52") };
    const lease = new Lease({
      ref,
      vmName: name,
      timeoutSeconds: host.options.leaseTimeoutSeconds,
      endpoint: this.#endpoint(),
      pulls: host.options.behaviour.pullFromUrls === "taken",
      progress: (percent) => host.tasks.progress(task, percent),
      changed: (...properties) => host.objects.changed(ref, ...properties),
    });
    this.#leases.set(ref.value, lease);
    host.objects.add({ ref, readers: lease.readers });
    const task = host.tasks.start(
      {
        method: "ImportVApp",
        operation: "vim.ResourcePool.ImportVAppLRO",
        entity: pool,
        entityName: this.#pools.find(pool.value)?.name ?? "Resources",
        userName,
        cancelable: true,
      },
      async (control) => await this.#run(lease, spec, control, call),
      (fault) => {
        // If a task is cancelled before its work began, the lease does not know it yet.
        if (fault) lease.fail(fault);
        this.#release(lease, task);
        this.#forgetLater(lease);
        lease.close();
      },
    );
    return lease;
  }

  /** Fails every lease, and ends when everything that they made is removed. */
  async stop(): Promise<void> {
    const active = this.active();
    for (const lease of active) lease.fail(new VimFault("RequestCanceled", "The host is shutting down."));
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(active.map((lease) => lease.over));
  }

  async #run(
    lease: Lease,
    spec: VirtualMachineImportSpec,
    control: TaskControl,
    { taskRule, object }: Call,
  ): Promise<ManagedObjectReference> {
    let created: Created | undefined;
    const cancel = (): void =>
      lease.fail(new VimFault("RequestCanceled", "The task was canceled by a user."));
    control.signal.addEventListener("abort", cancel, { once: true });
    try {
      if (taskRule?.fault) throw taskRule.fault;
      created = await this.#vms.create(spec.configSpec, control.ref);
      this.#pools.put(created.vm.ref, object.ref);
      const files = await this.#files(created, spec);
      control.locks(created.vm.ref);
      if (lease.state === "initializing") lease.ready(created.vm, files);
      await lease.ended;
      created.vm.importing = false;
      created.vm.save();
      await created.vm.refresh();
      return created.vm.ref;
    } catch (error) {
      const fault =
        error instanceof VimFault
          ? error
          : new VimFault("SystemError", String(error), { reason: String(error) });
      lease.fail(fault);
      await lease.settled();
      if (created) await this.#vms.destroy(created.vm);
      throw fault;
    }
  }

  /** The target file of each upload in the spec. */
  async #files({ vm, devices }: Created, spec: VirtualMachineImportSpec): Promise<LeaseFile[]> {
    const counts = { disk: 0, iso: 0, nvram: 0 };
    const vmx = vm.vmx.clone();
    const files = listUploads(spec).map((upload): LeaseFile => {
      const number = counts[upload.kind]++;
      const name = { disk: `disk-${number}.vmdk`, iso: `file-${number}.iso`, nvram: "vm.nvram" }[upload.kind];
      const key = devices.find((one) => one.spec.device === upload.device)?.key;
      const slot = key === undefined ? undefined : slotOfKey(key);
      const fileName = slot ? `${slotName(slot)}.fileName` : "nvram";
      if (upload.kind === "iso") vmx.set(fileName, `_deviceImage${number}.iso`);
      const context = vm.deviceContext(vmx);
      return {
        ...disk(upload),
        importKey: upload.importKey,
        kind: upload.kind,
        name,
        file: context.resolve(context.datastorePath(vmx.get(fileName) ?? "")),
        adapterType: "",
        required: this.#promised.delete(upload.importKey),
        received: undefined,
        checksumType: "sha1",
        abort: undefined,
      };
    });
    if (counts.iso > 0) await vm.commit(vmx);
    return await Promise.all(files.map(withAdapterType));
  }

  #release(lease: Lease, task: ManagedObjectReference): void {
    const { vm } = lease;
    if (vm?.lockedBy?.value !== task.value) return;
    vm.lockedBy = undefined;
    vm.changed("disabledMethod");
  }

  #forgetLater(lease: Lease): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#leases.delete(lease.ref.value);
      this.#host.objects.remove(lease.ref);
    }, this.#host.options.taskRetentionSeconds * 1000);
    timer.unref();
    this.#timers.add(timer);
  }
}

async function withAdapterType(file: LeaseFile): Promise<LeaseFile> {
  if (file.kind !== "disk") return file;
  const { adapterType } = await readDescriptor(file.file.datastore, file.file.path);
  return { ...file, adapterType };
}

function disk({ kind, device }: ImportUpload): Pick<LeaseFile, "provisioning" | "capacityBytes"> {
  if (kind !== "disk" || device === undefined) return { provisioning: "thin", capacityBytes: 0 };
  const { capacityInBytes, capacityInKB } = asDisk(device);
  const backing = flat(device);
  const thick = backing?.eagerlyScrub ? "eagerZeroedThick" : "thick";
  return {
    provisioning: backing?.thinProvisioned ? "thin" : thick,
    capacityBytes: capacityInBytes ?? capacityInKB * 1024,
  };
}

// listUploads has checked the type, and the decoder has checked the properties of the type.
const asDisk = (device: VirtualDevice): VirtualDisk => device as VirtualDisk;
const flat = (device: VirtualDevice): VirtualDiskFlatVer2BackingInfo | undefined =>
  device.backing as VirtualDiskFlatVer2BackingInfo | undefined;
