/** An ESXi host in a process. Tests start it, and `npm run simulator` runs it. */
import { mkdir } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { TaskInfo, VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../schema/index.ts";
import { locateDatastorePath } from "./core/datastore-paths.ts";
import { hostOptions, type SimulatorOptions } from "./core/options.ts";
import type { Session } from "./core/sessions.ts";
import { flatPathOf } from "./disk/disk.ts";
import type { FaultRule } from "./faults/rules.ts";
import { FaultRules } from "./faults/rules.ts";
import { HandlerTable } from "./handlers.ts";
import { behindBack, listFiles } from "./host/behind-back.ts";
import { Host } from "./host/host.ts";
import { partsOf } from "./host/parts.ts";
import { loadCertificate } from "./server/certificate.ts";
import { handleFolderRequest } from "./server/folder-requests.ts";
import { parseListen } from "./server/listen.ts";
import { handleUpload } from "./server/nfc.ts";
import { Recorder } from "./server/recorder.ts";
import { type RequestEntry, RequestLog } from "./server/request-log.ts";
import { close, createHttpsServer, listen } from "./server/server.ts";
import { type SimulatedSsh, startSsh } from "./ssh/ssh.ts";
import { type GuestSays, toolsRunning } from "./vm/guest/guest.ts";
import { type GuestWrite, readDisk, writeAsGuest } from "./vm/guest/guest-disk.ts";
import type { Unreadable } from "./vm/unreadable.ts";
import type { Vm } from "./vm/vm.ts";

export type { SimulatorOptions } from "./core/options.ts";
/** @public */
export type { FaultAction, FaultRule } from "./faults/rules.ts";
/** @public */
export type { RequestEntry } from "./server/request-log.ts";
/** @public */
export type { SimulatedSsh } from "./ssh/ssh.ts";

/** A VM as a person at the host sees it. */
export interface SimulatedVm {
  readonly moid: string;
  readonly name: string;
  readonly instanceUuid: string;
  /** BIOS UUID. */
  readonly uuid: string;
  readonly powerState: string;
  /** `[datastore1] dir/name.vmx` */
  readonly vmxPath: string;
  readonly config: VirtualMachineConfigInfo;
  /** True while the lease of the import that makes it is open. */
  readonly importing: boolean;
  /** Whether VMware Tools run in its guest. */
  readonly toolsRunning: boolean;
}

interface SimulatedLease {
  readonly id: string;
  readonly vmName: string;
  readonly state: string;
  readonly percent: number;
}

export interface Simulator {
  /** `https://127.0.0.1:PORT`, for `esxi:host`, for `GOVC_URL`, and for pyVmomi. */
  readonly url: string;
  readonly port: number;
  readonly username: string;
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly thumbprint: string;
  /** The hardware UUID. */
  readonly hostUuid: string;
  /** Undefined without its option. */
  readonly ssh: SimulatedSsh | undefined;
  readonly faults: { add(rule: FaultRule): void; clear(): void };
  readonly requests: {
    entries(): readonly RequestEntry[];
    /** The number of requests, of one method or of all. */
    count(method?: string): number;
    /** The most requests that were handled at the same time, of one method or of all. */
    maxConcurrent(method?: string): number;
    clear(): void;
  };
  /** Live sessions. */
  sessions(): readonly Pick<Session, "key" | "cookie" | "userName" | "userAgent" | "loginTime">[];
  /** Leases that have not ended. */
  leases(): readonly SimulatedLease[];
  tasks(): readonly TaskInfo[];
  vms(): readonly SimulatedVm[];
  /** Every file and folder of a datastore, relative to its root. Folders end in a slash. */
  files(datastore: string): Promise<string[]>;
  /** The local file with the bytes of a disk, by its `[datastore1] dir/x.vmdk`. */
  diskFile(datastorePath: string): string;
  /** The local file of a file, by its `[datastore1] dir/x.iso`. */
  localFile(datastorePath: string): string;
  /**
   * The bytes of a disk `[datastore1] dir/x.vmdk` as its guest reads them, through all parents. The stream fails if the
   * disk or its chain cannot be opened.
   */
  readDisk(datastorePath: string): Readable;
  /** Writes to a running VM's disk from within the guest. */
  writeAsGuest(moid: string, write: GuestWrite): Promise<void>;
  /** Actions of a person at the host's own screen, of which clients know nothing. */
  readonly behindBack: {
    powerOn(moid: string): Promise<void>;
    powerOff(moid: string): Promise<void>;
    destroy(moid: string): Promise<void>;
    unregister(moid: string): Promise<void>;
    rename(moid: string, name: string): Promise<void>;
    reconfigure(moid: string, spec: VirtualMachineConfigSpec): Promise<void>;
    /**
     * Reboots the host: sessions end, and running VMs stop. VMs in the list of those that start with the host start
     * again.
     *
     * @returns ids of the VMs that started, in order
     */
    reboot(): Promise<string[]>;
    /** Keeps the host from reading the VM's files, or allows it again with undefined. */
    setUnreadable(moid: string, why: Unreadable | undefined): void;
    /** Makes a guest report these adapters and this address, and answer on these ports, while its Tools run. */
    setGuest(moid: string, says: GuestSays): void;
    /** Makes a datastore inaccessible with all VMs on it, or accessible again. */
    setAway(datastore: string, away: boolean): void;
    /**
     * Takes a datastore from the host, as if its device broke or somebody unmounted it, or returns it. The host lists it
     * no more. The VMs on it stay registered, and are shown with the path of their `.vmx` only.
     */
    setMounted(datastore: string, mounted: boolean): Promise<void>;
    /** Takes all the space that a datastore has left, as if somebody else did, or returns it. */
    setFull(datastore: string, full: boolean): void;
    /** Starts or stops the SSH service. */
    setSsh(running: boolean): Promise<void>;
  };
  expireSessions(): void;
  setPassword(password: string): void;
  stop(): Promise<void>;
}

/** Starts a host on a state folder. The state of an earlier run there is the host's inventory. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  await mkdir(options.stateDir, { recursive: true });
  const certificate = await loadCertificate(options.stateDir);
  const host = await Host.open(hostOptions(options), {
    password: options.password,
    certificate,
  });
  const handlers = new HandlerTable();
  for (const part of partsOf(host)) {
    for (const object of part.objects ?? []) host.objects.add(object);
    handlers.register(part);
  }
  const rules = new FaultRules(options.faults ?? [], options.seed ?? 1);
  const log = new RequestLog();
  const recorder = new Recorder(options.recordTo);
  const context = { host, handlers, rules, log, recorder, latencyMs: options.latencyMs ?? 0 };
  const server = createHttpsServer(certificate, {
    sdk: context,
    nfc: (request, response) => handleUpload(request, response, context),
    folder: (request, response) => handleFolderRequest(request, response, { ...context, vms: host.vms }),
  });
  const [address, wanted] = parseListen(options.listen ?? "127.0.0.1:0");
  const port = await listen(server, address, wanted === 0 ? host.store.port : wanted, wanted === 0);
  host.store.port = port;
  const ssh = options.ssh && (await startSsh(options.ssh, context, handlers));

  return {
    url: `https://${address}:${port}`,
    port,
    username: host.options.username,
    thumbprint: certificate.thumbprint,
    hostUuid: host.identity.uuid,
    ssh: ssh?.ssh,
    faults: rules,
    requests: log,
    sessions: () => host.sessions.list(),
    leases: () =>
      host.leases.active().map((lease) => ({
        id: lease.ref.value,
        vmName: lease.vmName,
        state: lease.state,
        percent: lease.percent,
      })),
    tasks: () => host.tasks.list(),
    vms: () => host.vms.list().map(snapshot),
    files: (name) => listFiles(host, name),
    diskFile: (path) => {
      const { datastore, path: descriptor } = locateDatastorePath(host.datastores, path);
      return datastore.localPath(flatPathOf(descriptor));
    },
    localFile: (path) => {
      const file = locateDatastorePath(host.datastores, path);
      return file.datastore.localPath(file.path);
    },
    readDisk: (path) => readDisk(host, path),
    writeAsGuest: (moid, write) => writeAsGuest(host, moid, write),
    behindBack: behindBack(host),
    expireSessions: () => host.sessions.endAll(),
    setPassword: (password) => host.sessions.setPassword(password),
    async stop() {
      await close(server);
      await ssh?.close();
      await host.close();
      await recorder.close();
    },
  };
}

/** The present state of a VM. It does not change with the VM. */
function snapshot(vm: Vm): SimulatedVm {
  const { moid, name, instanceUuid, uuid, powerState, vmxPath, config, importing } = vm;
  const isUp = toolsRunning(vm.guestStage);
  return { moid, name, instanceUuid, uuid, powerState, vmxPath, config, importing, toolsRunning: isUp };
}
