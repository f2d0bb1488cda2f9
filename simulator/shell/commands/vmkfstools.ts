/** `vmkfstools`: virtual disks from the shell. */
import { setTimeout } from "node:timers/promises";
import { DatastoreFileError } from "../../datastore/datastore-file-error.ts";
import { DatastoreFullError } from "../../datastore/datastore-full-error.ts";
import { DatastorePathError } from "../../datastore/datastore-path-error.ts";
import type { DatastoreFile } from "../../datastore/file.ts";
import { readChain } from "../../disk/chain.ts";
import { copyDisk } from "../../disk/copy.ts";
import { diskCapacity } from "../../disk/descriptor.ts";
import {
  createEmptyDisk,
  type DiskProvisioning,
  deleteDisk,
  extendDisk,
  inflateDisk,
  provisioningOf,
  readDescriptor,
} from "../../disk/disk.ts";
import { DiskChainError } from "../../disk/disk-chain-error.ts";
import { DiskFormatError } from "../../disk/disk-format-error.ts";
import { moveDisk } from "../../disk/move.ts";
import { copyHostedDisk, isHostedDisk } from "../../disk/sparse/hosted-disk.ts";
import { datastoresChanged } from "../../host-context.ts";
import { takeOptions } from "../command-options.ts";
import { FilesError } from "../files-error.ts";
import type { ShellHost } from "../host-agent.ts";
import type { Invocation, ShellCommand } from "../invocation.ts";

const LONG: Readonly<Record<string, string>> = {
  createvirtualdisk: "c",
  deletevirtualdisk: "U",
  renamevirtualdisk: "E",
  clonevirtualdisk: "i",
  extendvirtualdisk: "X",
  chainconsistent: "e",
  inflatedisk: "j",
  diskformat: "d",
  adaptertype: "a",
  geometry: "g",
};

const FORMATS: Readonly<Record<string, DiskProvisioning>> = {
  thin: "thin",
  zeroedthick: "thick",
  eagerzeroedthick: "eagerZeroedThick",
};

const FORMAT_NAMES: Readonly<Record<DiskProvisioning, string>> = {
  thin: "thin-provisioned",
  thick: "zeroedthick",
  eagerZeroedThick: "eagerzeroedthick",
};

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  s: 512,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** The memory for programs that people run over SSH has room for so many at once. */
const MOST_AT_ONCE = 9;
/** The exit status that a shell sees after SIGKILL. */
const KILLED = 137;

/** The disk cannot be used, because a running VM has it. */
class LockedError extends Error {}

export function vmkfstools(host: ShellHost): ShellCommand {
  let running = 0;
  return async (call) => {
    if (running === MOST_AT_ONCE) {
      await call.stderr("Killed\n");
      return KILLED;
    }
    running += 1;
    try {
      return await runTool(host, call);
    } finally {
      running -= 1;
    }
  };
}

async function runTool(host: ShellHost, call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "c:U:E:i:X:e:j:t:g:d:a:v:", LONG);
  const tool = new Tool(host, call, values);
  const [target = ""] = operands;
  if (unknown !== undefined) return await tool.usage(`vmkfstools: unrecognized option '${unknown}'`);
  const format = values.get("d");
  if (format !== undefined && FORMATS[format] === undefined)
    return await tool.usage(`Invalid disk format: ${format}`);
  const option = (letter: string): string | undefined => values.get(letter);
  const [clone, rename, remove, check] = [option("i"), option("E"), option("U"), option("e")];
  if (clone !== undefined) return await tool.clone(clone, target);
  if (option("c") !== undefined) return await tool.create(option("c") ?? "", target);
  if (option("X") !== undefined) return await tool.extend(option("X") ?? "", target);
  if (rename !== undefined) return await tool.rename(rename, target);
  if (remove !== undefined) return await tool.remove(remove);
  if (check !== undefined) return await tool.check(check);
  if (option("j") !== undefined) return await tool.inflate(option("j") ?? "");
  if (option("t") !== undefined) return await tool.map(target || (operands[0] ?? ""));
  if (option("g") !== undefined) return await tool.geometry(option("g") ?? "");
  return await tool.usage("No valid command specified");
}

class Tool {
  readonly #host: ShellHost;
  readonly #call: Invocation;
  readonly #options: ReadonlyMap<string, string>;

  constructor(host: ShellHost, call: Invocation, options: ReadonlyMap<string, string>) {
    this.#host = host;
    this.#call = call;
    this.#options = options;
  }

  async usage(problem: string): Promise<number> {
    await this.#call.stderr(`${problem}\nvmkfstools: see --help for the options of virtual disks.\n`);
    return 1;
  }

  clone(source: string, target: string): Promise<number> {
    return this.#run("clone disk", async () => {
      const from = this.#file(source);
      const hosted = from.datastore.localPath(from.path);
      const isHosted = await isHostedDisk(hosted);
      const descriptor = isHosted ? undefined : await readDescriptor(from.datastore, from.path);
      if (this.#host.vms.lockOf(from) === "exclusive") throw new LockedError();
      const provisioning = this.#format("thick");
      const to = this.#file(target);
      if (await to.datastore.exists(to.path)) throw new DatastoreFileError("FileAlreadyExists", target);
      await this.#call.stdout(`Destination disk format: VMFS ${FORMAT_NAMES[provisioning]}\n`);
      await this.#call.stdout(`Cloning disk '${source}'...\n`);
      const adapterType = descriptor?.adapterType ?? "lsilogic";
      const copy = { datastore: to.datastore, descriptorPath: to.path, provisioning, adapterType };
      const pace = this.#host.options.taskDurationMs / 100;
      const tell = async (percent: number): Promise<void> => {
        if (pace > 0) await setTimeout(pace);
        await this.#call.stdout(`\rClone: ${percent}% done.`);
      };
      if (isHosted) await copyHostedDisk(hosted, copy, tell);
      else await copyDisk(this.#host.datastores, from, copy, tell, { keepsPartial: true });
      await this.#call.stdout("\n");
    });
  }

  create(size: string, target: string): Promise<number> {
    const bytes = parseSize(size);
    if (bytes === undefined) return this.usage(`Invalid size: ${size}`);
    return this.#run("create virtual disk", async () => {
      const { datastore, path } = this.#file(target);
      const adapterType = this.#options.get("a") ?? "lsilogic";
      await createEmptyDisk(
        { datastore, descriptorPath: path, provisioning: this.#format("thick"), adapterType },
        bytes,
      );
      await this.#call.stdout(`Creating disk '${target}' and zeroing it out...\n`);
      await this.#call.stdout("Create: 100% done.\n");
    });
  }

  extend(size: string, target: string): Promise<number> {
    const bytes = parseSize(size);
    if (bytes === undefined) return this.usage(`Invalid size: ${size}`);
    return this.#run("extend disk", async () => {
      const file = await this.#unlocked(target);
      await extendDisk(file.datastore, file.path, bytes);
      await this.#call.stdout("Grow: 100% done.\n");
    });
  }

  rename(source: string, target: string): Promise<number> {
    return this.#run("rename virtual disk", async () => {
      await moveDisk(this.#host.datastores, await this.#unlocked(source), this.#file(target));
    });
  }

  remove(target: string): Promise<number> {
    return this.#run("delete virtual disk", async () => {
      const file = await this.#unlocked(target);
      await deleteDisk(file.datastore, file.path);
    });
  }

  inflate(target: string): Promise<number> {
    return this.#run("inflate disk", async () => {
      const file = await this.#unlocked(target);
      await inflateDisk(file.datastore, file.path);
      await this.#call.stdout("Inflate: 100% done.\n");
    });
  }

  async check(target: string): Promise<number> {
    try {
      await readChain(this.#host.datastores, await this.#disk(target));
      await this.#call.stdout("Disk chain is consistent.\n");
      return 0;
    } catch (error) {
      if (!(error instanceof DiskChainError)) return await this.#fail("check disk chain", error);
      await this.#call.stdout(`Disk chain is not consistent : ${reason(error)}\n`);
      return 255;
    }
  }

  /** The blocks of a disk. A thin disk has only those that were written. */
  map(target: string): Promise<number> {
    return this.#run("get block mapping", async () => {
      const { datastore, path } = await this.#disk(target);
      const descriptor = await readDescriptor(datastore, path);
      const capacity = diskCapacity(descriptor);
      const taken =
        provisioningOf(descriptor) === "thin"
          ? datastore.allocatedBytes(path.replace(/\.vmdk$/, "-flat.vmdk"))
          : capacity;
      await this.#call.stdout(`Mapping for file ${target} (${capacity} bytes in size):\n`);
      if (taken > 0)
        await this.#call.stdout(
          `[           0: ${taken}] --> [VMFS -- LVID:${datastore.uuid}/${datastore.uuid}/1:(2097152 --> ${2097152 + taken})]\n`,
        );
      if (taken < capacity)
        await this.#call.stdout(
          `[${taken}: ${capacity - taken}] --> [VMFS -- NOMP -- :( 0 --> ${capacity - taken})]\n`,
        );
    });
  }

  geometry(target: string): Promise<number> {
    return this.#run("get disk geometry", async () => {
      const { datastore, path } = await this.#disk(target);
      const sectors = diskCapacity(await readDescriptor(datastore, path)) / 512;
      await this.#call.stdout(`Geometry information C/H/S is ${Math.floor(sectors / 16065)}/255/63\n`);
    });
  }

  async #run(what: string, work: () => Promise<void>): Promise<number> {
    try {
      await work();
      return 0;
    } catch (error) {
      return await this.#fail(what, error);
    } finally {
      datastoresChanged(this.#host);
    }
  }

  async #fail(what: string, error: unknown): Promise<number> {
    // The system's message is spelled differently from the library's.
    const colon = error instanceof DatastoreFullError ? " :" : ":";
    await this.#call.stderr(`Failed to ${what}${colon} ${reason(error)}.\n`);
    return 255;
  }

  #format(otherwise: DiskProvisioning): DiskProvisioning {
    return FORMATS[this.#options.get("d") ?? ""] ?? otherwise;
  }

  #file(path: string): DatastoreFile {
    const { files, cwd } = this.#call.shell;
    const place = files.place(cwd, path);
    if (place.kind !== "datastore") throw new FilesError("EINVAL");
    return place.file;
  }

  async #disk(path: string): Promise<DatastoreFile> {
    const file = this.#file(path);
    await readDescriptor(file.datastore, file.path);
    return file;
  }

  async #unlocked(path: string): Promise<DatastoreFile> {
    const file = await this.#disk(path);
    if (this.#host.vms.lockOf(file) !== undefined) throw new LockedError();
    return file;
  }
}

/** `10G`, `512m`, `2048` in bytes. */
function parseSize(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([skmgt]?)$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** The tool's message and number for an error. A broken pipe is passed on, to end the tool. */
function reason(error: unknown): string {
  if (error instanceof DiskChainError)
    return `${error.message} (${error.fault === "parentModified" ? 18 : 25})`;
  if (error instanceof LockedError) return "Failed to lock the file (16392)";
  if (error instanceof DatastoreFullError) return "No space left on device (1835017)";
  if (error instanceof DiskFormatError) return "The file specified is not a virtual disk (15)";
  if (error instanceof RangeError) return "One of the parameters supplied is invalid (1)";
  if (error instanceof DatastorePathError) return "The system cannot find the file specified (25)";
  if (error instanceof DatastoreFileError) {
    return error.fault === "FileAlreadyExists"
      ? "The file already exists (39)"
      : "The system cannot find the file specified (25)";
  }
  if (error instanceof FilesError) return "The system cannot find the file specified (25)";
  throw error;
}
