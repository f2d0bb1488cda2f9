import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { ExecResult, SshExec } from "../exec.ts";
import { SshError } from "../ssh-error.ts";
import { SshLostError } from "../ssh-lost-error.ts";
import { CommandError } from "./command-error.ts";
import { esxcli } from "./esxcli.ts";
import { upload } from "./shell-upload.ts";
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
import { printedFault } from "./vim-cmd-fault.ts";
import {
  type CloneDiskOptions,
  cloneDisk,
  createDisk,
  type DiskFormat,
  deleteDisk,
  growDisk,
  renameDisk,
} from "./vmkfstools.ts";

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** The path of a file until it is whole. Earlier releases, and a host that lost its power, may have left one. */
export const draftOf = (path: string): string => `${path}-draft`;

const digestOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The resource pool for a new machine, and its name, which the command needs too. The name must be ASCII. */
export interface IntoPool {
  readonly name: string;
  readonly poolId: string;
}

/**
 * Commands of an ESXi host's shell for virtual machines. Paths are absolute paths of the host
 * (`/vmfs/volumes/datastore1/vm/vm.vmx`). Ids are those of vim-cmd, which are also the API's. Every command is checked
 * by its exit status and its output.
 */
export class EsxiShell {
  readonly host: string;
  readonly #ssh: SshExec;

  constructor(ssh: SshExec) {
    this.#ssh = ssh;
    this.host = ssh.host;
  }

  /** @throws CommandError if it exists already, or the folder above does not exist. */
  async makeFolder(path: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["mkdir", path], { signal });
  }

  /** Names in a folder, hidden ones included. Undefined if there is no such folder. */
  async list(folder: string, signal: AbortSignal): Promise<string[] | undefined> {
    if (!(await this.#succeeds(["test", "-d", folder], signal))) return undefined;
    const { stdout } = await this.#ssh.exec(["ls", "-1A", folder], { signal });
    const names = linesOf(stdout);
    if (!names.some((name) => name.includes("?"))) return names;
    // This may be a name that `ls` prints masked: it hides characters that are not ASCII, but `find` does not.
    const start = `${folder}/`;
    const found = await this.#ssh.exec(["find", start, "-maxdepth", "1"], { signal });
    return linesOf(found.stdout).flatMap((path) =>
      path.startsWith(start) && path !== start ? path.slice(start.length) : [],
    );
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
   * The same for a file that will be changed. If one wrong answer left something out, that would be lost when the file
   * is written back.
   * @throws SshError if two reads differ.
   */
  async readTwice(path: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const [first, second] = [await this.readFile(path, signal), await this.readFile(path, signal)];
    if (first === undefined && second === undefined) return undefined;
    if (first !== undefined && second !== undefined && Buffer.compare(first, second) === 0) return first;
    throw new SshError(`${this.host}: two reads of ${path} differ. It was not changed. Try again.`);
  }

  /** As {@link readHead}. Undefined if it cannot be read. */
  async readHeadIfThere(path: string, bytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      return await this.readHead(path, bytes, signal);
    } catch (error) {
      if (error instanceof CommandError) return undefined;
      throw error;
    }
  }

  /** The first bytes of a file of any size. */
  async readHead(path: string, bytes: number, signal: AbortSignal): Promise<Uint8Array> {
    return (await this.#ssh.exec(["head", "-c", String(bytes), path], { signal })).stdoutBytes;
  }

  /**
   * Writes a small file under another name first, so that it never exists half-written. No draft stays, wherever this
   * process is killed.
   * @throws CommandError with what the host said. SshLostError if only a part of it arrived.
   */
  async writeFile(path: string, content: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#write(path, content, signal);
  }

  /**
   * Writes a file of a machine that is off in the same way, and makes the host read its files. Wherever this process is
   * killed, the host has read what was written.
   * @returns False if it was written, and the host has not read it. Then use {@link reload}.
   * @throws As {@link writeFile}
   */
  async writeAndReload(
    path: string,
    content: Uint8Array,
    vmid: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const sha256 = digestOf(content);
    const isWritten = ({ stdout }: Pick<ExecResult, "stdout">) => stdout.startsWith(sha256);
    try {
      const said = await this.#write(path, content, signal, ["vim-cmd", "vmsvc/reload", vmid]);
      if (isWritten(said)) return printedFault(said.stdout, said.stderr, "outcome") === undefined;
    } catch (error) {
      if (!(error instanceof CommandError) || !isWritten(error)) throw error;
      return false;
    }
    throw new SshLostError(`${this.host}: nothing says that ${path} was written.`);
  }

  async #write(
    path: string,
    content: Uint8Array,
    signal: AbortSignal,
    then?: readonly string[],
  ): Promise<ExecResult> {
    const whole = { draft: draftOf(path), sha256: digestOf(content), then };
    try {
      return await this.#ssh.exec(["cat"], { stdin: content, toFile: path, whole, signal });
    } catch (error) {
      const isCutOff = error instanceof CommandError && `${error.stdout}${error.stderr}`.trim() === "";
      if (!isCutOff) throw error;
      throw new SshLostError(`${this.host}: only a part of ${path} arrived over SSH. It was not changed.`, {
        cause: error,
      });
    }
  }

  /** Writes a small file under its own name. It may be incomplete until somebody has compared it. */
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

  /** Makes a folder, and the missing folders above it. */
  async makeFolders(path: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["mkdir", "-p", path], { signal });
  }

  /**
   * Renames a file or folder on its datastore. A file with the new name is replaced. If a folder has the new name, the
   * file or folder is moved into it.
   */
  async move(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["mv", "-f", from, to], { signal });
  }

  /**
   * Renames a file or folder if nothing has the new name.
   * @returns False if something has it. All is then as it was.
   */
  async moveIfFree(from: string, to: string, signal: AbortSignal): Promise<boolean> {
    await this.#ssh.exec(["mv", "-n", from, to], { signal });
    if (await this.#succeeds(["test", "-e", from], signal)) return false;
    const inside = `${to}/${posix.basename(from)}`;
    if (!(await this.#succeeds(["test", "-e", inside], signal))) return true;
    // `mv` has moved it into a folder of that name.
    await this.#ssh.exec(["mv", "-n", inside, from], { signal });
    return false;
  }

  /** Removes a file, or a folder with all that is in it. */
  async removeTree(path: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["rm", "-rf", path], { signal });
  }

  /** The path with links resolved. A datastore's name is a link to its UUID. */
  async realPath(path: string, signal: AbortSignal): Promise<string> {
    return (await this.#ssh.exec(["readlink", "-f", path], { signal })).stdout.replace(/\n$/, "");
  }

  async copyFile(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#ssh.exec(["cp", from, to], { signal });
  }

  /** Removes files. It is no error if they are not there. */
  async removeFiles(paths: readonly string[], signal: AbortSignal): Promise<void> {
    if (paths.length > 0) await this.#ssh.exec(["rm", "-f", ...paths], { signal });
  }

  /** Removes an empty folder. True if it is gone, false if there is something in it. */
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

  /** Makes a disk of a machine larger, running or not. @param sizeKb The new total. */
  async extendDisk(
    vmid: string,
    sizeKb: number,
    { bus, unit }: { readonly bus: number; readonly unit: number },
    signal: AbortSignal,
  ): Promise<void> {
    const words = [vmid, sizeKb, bus, unit].map(String);
    await vimCmd(this.#ssh, ["vmsvc/device.diskextend", ...words], { signal });
  }

  /** All virtual machines that the host can read. */
  async listVms(signal: AbortSignal): Promise<ListedVm[]> {
    return parseVmList(await vimCmd(this.#ssh, ["vmsvc/getallvms"], { signal, prints: "data" }));
  }

  /**
   * Registers a virtual machine in the host's root pool, with the name in its .vmx file.
   * @param into Another pool, and the machine's name, which the command needs then.
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

  /** Takes a virtual machine out of the inventory. Its files stay. */
  async unregister(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/unregister", vmid], { signal });
  }

  /** Removes a virtual machine with all files that its .vmx file names, also disks in other folders. */
  async destroy(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/destroy", vmid], { signal });
  }

  /** Takes a snapshot of the disks, without memory and without asking the guest. */
  async createSnapshot(vmid: string, name: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/snapshot.create", vmid, name, "", "0", "0"], { signal });
  }

  async snapshots(
    vmid: string,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly name: string }[]> {
    return parseSnapshots(await vimCmd(this.#ssh, ["vmsvc/snapshot.get", vmid], { signal, prints: "data" }));
  }

  /** Removes a snapshot, but not later ones. Its changes are merged into the disks. */
  async removeSnapshot(vmid: string, snapshotId: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/snapshot.remove", vmid, snapshotId, "0"], { signal });
  }

  /** Makes the host read the .vmx file again. Only for a machine that is off. */
  async reload(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/reload", vmid], { signal });
  }

  /** Does not return while the host waits for an answer to a question. */
  async powerOn(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/power.on", vmid], { signal });
  }

  async powerOff(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/power.off", vmid], { signal });
  }

  /** Asks the guest to shut down, and returns before it has. */
  async shutDown(vmid: string, signal: AbortSignal): Promise<void> {
    await vimCmd(this.#ssh, ["vmsvc/power.shutdown", vmid], { signal });
  }

  /** The machine's open question. Undefined if there is none. */
  async question(vmid: string, signal: AbortSignal): Promise<VmQuestion | undefined> {
    return parseQuestion(await vimCmd(this.#ssh, ["vmsvc/message", vmid], { signal, prints: "data" }));
  }

  /**
   * Answers a question by the text of a choice, because the numbers of choices differ between releases.
   * @throws VimCmdError with the question, if no choice has such a text.
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

  /** Whether a port at that address accepts a connection from the host. */
  accepts(address: string, port: number, seconds: number, signal: AbortSignal): Promise<boolean> {
    return this.#succeeds(["nc", "-z", "-w", String(seconds), address, String(port)], signal);
  }

  /** Runs an `esxcli` command that prints nothing when it succeeds. @throws CommandError */
  esxcli(words: readonly string[], signal: AbortSignal): Promise<void> {
    return esxcli(this.#ssh, words, signal);
  }

  /** Runs another command of `vim-cmd`, which may change something. @returns its output @throws VimCmdError */
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
