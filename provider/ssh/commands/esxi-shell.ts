import type { SshExec } from "../exec.ts";
import { SshError } from "../ssh-error.ts";
import { CommandError } from "./command-error.ts";
import { esxcli } from "./esxcli.ts";
import { upload } from "./upload.ts";
import {
  type ListedVm,
  parseQuestion,
  parseSnapshots,
  parseVmid,
  parseVmList,
  type VmQuestion,
  vimCmd,
} from "./vim-cmd.ts";
import { VimCmdError } from "./vim-cmd-error.ts";
import {
  type CloneDiskOptions,
  cloneDisk,
  createDisk,
  type DiskFormat,
  deleteDisk,
  growDisk,
  renameDisk,
} from "./vmkfstools.ts";

/** Folders for machines may be in others. */
const FOLDERS_DEEP = 4;

/** The resource pool that a machine is registered in, and the name that the command wants with it: one that is ASCII. */
export interface IntoPool {
  readonly name: string;
  readonly poolId: string;
}

/**
 * What an ESXi host's shell can do for virtual machines. Paths are the host's own, from its root
 * (`/vmfs/volumes/datastore1/vm/vm.vmx`); ids are vim-cmd's, which are the API's too. Every command is checked: its
 * exit status, and what it says.
 */
export class EsxiShell {
  readonly host: string;
  readonly #ssh: SshExec;

  constructor(ssh: SshExec) {
    this.#ssh = ssh;
    this.host = ssh.host;
  }

  /** @throws CommandError if it exists already, or the folder above does not. */
  async makeFolder(path: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["mkdir", path], { signal });
  }

  /** Names in a folder, hidden ones included. Undefined if there is no such folder. */
  async list(folder: string, signal: AbortSignal): Promise<string[] | undefined> {
    if (!(await this.#succeeds(["test", "-d", folder], signal))) return undefined;
    const { stdout } = await this.#ssh.exec(["ls", "-1A", folder], { signal });
    const names = stdout.split("\n").filter((name) => name !== "");
    if (!names.some((name) => name.includes("?"))) return names;
    // That may stand for what `ls` does not print: it hides what is not ASCII, which `find` does not.
    const found = await this.#ssh.exec(["find", folder, "-maxdepth", "1"], { signal });
    const start = `${folder}/`;
    return found.stdout
      .split("\n")
      .flatMap((path) => (path.startsWith(start) ? path.slice(start.length) : []));
  }

  /** Files whose names are like that (`*.vmx`), a few folders deep, from the root. */
  async find(folder: string, pattern: string, signal: AbortSignal): Promise<string[]> {
    const depth = ["-maxdepth", String(FOLDERS_DEEP)];
    const { stdout } = await this.#ssh.exec(["find", folder, ...depth, "-name", pattern], { signal });
    return stdout.split("\n").filter((path) => path !== "");
  }

  /** A small file's bytes. Undefined if there is none. */
  async readFile(path: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      return (await this.#ssh.exec(["cat", path], { signal })).stdoutBytes;
    } catch (error) {
      if (!(error instanceof CommandError) || (await this.#succeeds(["test", "-e", path], signal)))
        throw error;
      return undefined;
    }
  }

  /**
   * The same of a file that is to be changed: what one wrong answer leaves out would be lost when it is written back.
   * @throws SshError if two reads differ.
   */
  async readTwice(path: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const [first, second] = [await this.readFile(path, signal), await this.readFile(path, signal)];
    if (first === undefined && second === undefined) return undefined;
    if (first !== undefined && second !== undefined && Buffer.compare(first, second) === 0) return first;
    throw new SshError(`${this.host}: two reads of ${path} differ. It was not changed. Try again.`);
  }

  /** As {@link readHead}; undefined for what cannot be read. */
  async readHeadIfThere(path: string, bytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      return await this.readHead(path, bytes, signal);
    } catch (error) {
      if (error instanceof CommandError) return undefined;
      throw error;
    }
  }

  /** The first bytes of a file, however large it is. */
  async readHead(path: string, bytes: number, signal: AbortSignal): Promise<Uint8Array> {
    return (await this.#ssh.exec(["head", "-c", String(bytes), path], { signal })).stdoutBytes;
  }

  /** Writes a small file under another name first, so that it is never half there. */
  async writeFile(path: string, content: Uint8Array, draft: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["cat"], { stdin: content, toFile: draft, signal });
    await this.#ssh.exec(["mv", "-f", draft, path], { signal });
  }

  /** Writes a small file under its own name. It may be half there until somebody has compared it. */
  async writeInPlace(path: string, content: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["cat"], { stdin: content, toFile: path, signal });
  }

  /** See {@link upload}. */
  upload(
    path: string,
    source: AsyncIterable<Uint8Array>,
    options: { readonly bytes: number; readonly signal: AbortSignal },
  ): Promise<void> {
    return upload(this.#ssh, path, source, options);
  }

  /** Makes a folder, and those above it that are not there. */
  async makeFolders(path: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["mkdir", "-p", path], { signal });
  }

  /** Gives a file or folder another name on its datastore, over a file of that name. A folder that has it takes the other one in. */
  async move(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["mv", "-f", from, to], { signal });
  }

  /** Removes a file, or a folder with all that is in it. */
  async removeTree(path: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["rm", "-rf", path], { signal });
  }

  /** The path without links: a datastore's name is one to its UUID. */
  async realPath(path: string, signal: AbortSignal): Promise<string> {
    return (await this.#ssh.exec(["readlink", "-f", path], { signal })).stdout.replace(/\n$/, "");
  }

  async copyFile(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["cp", from, to], { signal });
  }

  /** Removes files; those that are not there are none the worse. */
  async removeFiles(paths: readonly string[], signal: AbortSignal): Promise<void> {
    if (paths.length > 0) await this.#ssh.exec(["rm", "-f", ...paths], { signal });
  }

  /** Removes an empty folder. True if it is gone, false if something is in it. */
  async removeFolder(path: string, signal: AbortSignal): Promise<boolean> {
    if (await this.#succeeds(["rmdir", path], signal)) return true;
    return !(await this.#succeeds(["test", "-d", path], signal));
  }

  /** See {@link cloneDisk}. */
  cloneDisk(source: string, target: string, format: DiskFormat, options: CloneDiskOptions): Promise<void> {
    return cloneDisk(this.#ssh, source, target, format, options);
  }

  /** See {@link createDisk}. */
  createDisk(disk: string, sizeMb: number, format: DiskFormat, signal: AbortSignal): Promise<void> {
    return createDisk(this.#ssh, disk, sizeMb, format, signal);
  }

  renameDisk(from: string, to: string, signal: AbortSignal): Promise<void> {
    return renameDisk(this.#ssh, from, to, signal);
  }

  deleteDisk(disk: string, signal: AbortSignal): Promise<void> {
    return deleteDisk(this.#ssh, disk, signal);
  }

  growDisk(disk: string, sizeMb: number, signal: AbortSignal): Promise<void> {
    return growDisk(this.#ssh, disk, sizeMb, signal);
  }

  /** All virtual machines that the host can read. */
  async listVms(signal: AbortSignal): Promise<ListedVm[]> {
    return parseVmList(await vimCmd(this.#ssh, ["vmsvc/getallvms"], { signal, prints: "data" }));
  }

  /**
   * Registers a virtual machine, in the host's root pool under the name in its .vmx file.
   * @param into In another pool, and under that name, which the command wants then.
   * @returns Its id.
   */
  async register(vmxPath: string, signal: AbortSignal, into?: IntoPool): Promise<string> {
    const further = into ? [into.name, into.poolId] : [];
    const output = await vimCmd(this.#ssh, ["solo/registervm", vmxPath, ...further], { signal });
    const vmid = parseVmid(output);
    if (vmid !== undefined) return vmid;
    throw new VimCmdError(
      `${this.host}: solo/registervm ${vmxPath} printed no id: ${output.trim()}`,
      undefined,
    );
  }

  /** Takes a virtual machine out of the inventory; its files stay. */
  async unregister(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/unregister", vmid], { signal });
  }

  /** Removes a virtual machine with all files that its .vmx file names, disks in other folders among them. */
  async destroy(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/destroy", vmid], { signal });
  }

  /** Takes a snapshot of the disks, without memory, the guest not asked. */
  async createSnapshot(vmid: string, name: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/snapshot.create", vmid, name, "", "0", "0"], { signal });
  }

  async snapshots(
    vmid: string,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly name: string }[]> {
    return parseSnapshots(await vimCmd(this.#ssh, ["vmsvc/snapshot.get", vmid], { signal, prints: "data" }));
  }

  /** Removes a snapshot, not those that were taken after it; its changes become the disks' own. */
  async removeSnapshot(vmid: string, snapshotId: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/snapshot.remove", vmid, snapshotId, "0"], { signal });
  }

  /** Makes the host read the .vmx file again. Only for a machine that is off. */
  async reload(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/reload", vmid], { signal });
  }

  /** Does not return while the host asks a question. */
  async powerOn(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/power.on", vmid], { signal });
  }

  async powerOff(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/power.off", vmid], { signal });
  }

  /** Asks the guest to shut down. Returns before it has. */
  async shutDown(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/power.shutdown", vmid], { signal });
  }

  /** What the machine wants to know. Undefined if it wants nothing. */
  async question(vmid: string, signal: AbortSignal): Promise<VmQuestion | undefined> {
    return parseQuestion(await vimCmd(this.#ssh, ["vmsvc/message", vmid], { signal, prints: "data" }));
  }

  /**
   * Answers a question by a choice's words, since their numbers differ between releases.
   * @throws VimCmdError with the question, if no choice has such words.
   */
  async answer(vmid: string, question: VmQuestion, label: RegExp, signal: AbortSignal): Promise<void> {
    const choice = question.choices.find((each) => label.test(each.label));
    if (!choice) {
      throw new VimCmdError(
        `${this.host}: the virtual machine ${vmid} asks: ${question.text}`,
        "QuestionPending",
      );
    }
    await vimCmd(this.#ssh, ["vmsvc/message", vmid, question.id, choice.number], { signal });
  }

  /** Whether something at that address and port accepts a connection from the host. */
  accepts(address: string, port: number, seconds: number, signal: AbortSignal): Promise<boolean> {
    return this.#succeeds(["nc", "-z", "-w", String(seconds), address, String(port)], signal);
  }

  /** Runs `esxcli` for something that prints nothing when it is done. @throws CommandError */
  esxcli(words: readonly string[], signal: AbortSignal): Promise<void> {
    return esxcli(this.#ssh, words, signal);
  }

  /** Runs another command of `vim-cmd`, which may change something. @returns what it printed @throws VimCmdError */
  vimCmd(args: readonly string[], signal: AbortSignal): Promise<string> {
    return vimCmd(this.#ssh, args, { signal });
  }

  async #succeeds(command: readonly string[], signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ssh.exec(command, { signal });
      return true;
    } catch (error) {
      if (error instanceof CommandError && error.exitCode === 1) return false;
      throw error;
    }
  }
}
