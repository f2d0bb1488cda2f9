/** A simulated host on which strangers work beside programs of ours, and what must stay as it is. */
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { isFault } from "../../../provider/vim/faults.ts";
import { openWire, type Wire } from "../../support/wire.ts";
import { killAt } from "./kill-at.ts";
import { Lab } from "./lab.ts";
import { type InState, Managed } from "./managed.ts";
import type { Act, Mishap, Step, Who } from "./random-programs.ts";
import { Stranger } from "./stranger.ts";

const GIB = 1024 ** 3;
const DATASTORES = ["datastore1", "datastore2"];
const ORDER: readonly Who[] = ["shelf", "a", "c", "iso"];
/** Changes on the host that a fault can hit. */
const CHANGES = /_Task$/;
/** The same, and commands of the shell, for what can happen to both. */
const CHANGES_AND_COMMANDS = /_Task$|^ssh\.exec$/;
const IMAGE = "[datastore1] shelf/x.iso";

export class HostWithStrangers {
  readonly lab: Lab;
  readonly #stranger: Stranger;
  readonly #kinds: Readonly<Record<Who, Managed>>;
  /** What Pulumi's state has, and what the program said last. */
  readonly #state = new Map<Who, InState>();
  readonly #declared = new Map<Who, Properties>();
  /** Files of strangers, and files that their machines need. */
  readonly #theirs = new Set<string>();
  /** Disks on which machines of strangers build, or their snapshots: nobody may write to them. Others may be run with in turn. */
  readonly #bases = new Set<string>();
  #digests: Readonly<Record<string, string>> = {};
  #machines: readonly string[] = [];
  #links: string[] = [];
  #serial = 0;
  /** Whether a disk of ours may stay when its machine goes. */
  #keeps = false;
  /** How many processes have been killed. */
  #killedProcesses = 0;
  /** Between the process and the host's SSH server. */
  #shellWire: Wire | undefined;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.#stranger = new Stranger(lab);
    this.#kinds = {
      a: new Managed(lab, "ScratchVm", scratchVm, "a"),
      c: new Managed(lab, "DatastoreClone", datastoreClone, "c"),
      shelf: new Managed(lab, "DatastoreFolder", datastoreFolder, "shelf"),
      iso: new Managed(lab, "DatastoreFile", datastoreFile, "iso"),
    };
  }

  static async open(): Promise<HostWithStrangers> {
    const datastores = DATASTORES.map((name) => ({ name, capacityBytes: 1000 * GIB }));
    const lab = await Lab.open({ datastores, ssh: { listen: "127.0.0.1:0" } });
    await lab.write("one.iso", "one");
    await lab.write("two.iso", "number two");
    return new HostWithStrangers(lab);
  }

  /** As the host is before each draw: one machine of a stranger, whose second disk he lends. */
  async reset(): Promise<void> {
    const { behindBack } = this.lab.raw.simulator;
    for (const { moid } of this.lab.raw.simulator.vms()) {
      behindBack.setUnreadable(moid, undefined);
      if (this.lab.raw.simulator.vms().find((vm) => vm.moid === moid)?.powerState === "poweredOn")
        await behindBack.powerOff(moid);
      await behindBack.unregister(moid);
    }
    for (const name of DATASTORES) {
      const root = dirname(this.lab.raw.simulator.localFile(`[${name}] x`));
      for (const entry of await readdir(root)) await rm(join(root, entry), { recursive: true });
    }
    this.#state.clear();
    this.#declared.clear();
    this.#keeps = false;
    this.#theirs.clear();
    this.#bases.clear();
    this.#links = [];
    await this.#restart();
    await this.#asStranger(async () => {
      await this.#stranger.vm("s0", ["new", "new"]);
      return [];
    });
  }

  async run(step: Step): Promise<void> {
    if (step.kind === "stranger") return await this.#asStranger(() => this.#act(step.act));
    if (step.kind === "up") {
      this.#declared.set(step.who, step.settings);
      this.#keeps ||= JSON.stringify(step.settings).includes("keepOnRemove");
    }
    await this.#withMishap(step.mishap, () =>
      step.kind === "up" ? this.#up(step.who, step.settings) : this.#down(step.who),
    );
    await this.expectTheirs(JSON.stringify(step));
  }

  /** The last programs once more, and nothing goes wrong: ours are what they say, or an error says why not. */
  async expectDeclared(): Promise<boolean> {
    let all = true;
    for (const who of ORDER) {
      const settings = this.#declared.get(who);
      if (settings === undefined) continue;
      const error = await this.#failure(async () => {
        await this.#refresh(who);
        await this.#up(who, settings);
      });
      await this.expectTheirs(`the last program of ${who}`);
      all &&= error === undefined;
      const state = this.#state.get(who);
      if (error !== undefined || state === undefined) continue;
      const read = await this.#inProcess(this.#kinds[who].read(state));
      expect(read, who).toBeDefined();
      if (read) expect(await this.#kinds[who].diff(read, settings), who).toMatchObject({ changes: false });
    }
    return all;
  }

  /** All of ours goes, or an error says why not. @param isComplete Whether state knows all that there is of ours. */
  async expectGone(isComplete: boolean): Promise<void> {
    let all = isComplete;
    for (const who of [...ORDER].reverse()) {
      const error = await this.#failure(() => this.#down(who));
      all &&= error === undefined;
      await this.expectTheirs(`the end of ${who}`);
    }
    if (!all) return;
    const { files } = await this.lab.raw.contents();
    const ours = files.filter((file) => !file.endsWith("/") && !this.#theirs.has(file));
    const stays = (file: string) => this.#keeps && /^\[datastore\d\] a(_\d+)?\/.*\.vmdk$/.test(file);
    expect(ours.filter((file) => !stays(file))).toEqual([]);
  }

  /** Every file of strangers, and every file that their machines need, is there byte for byte, and so are the machines. */
  async expectTheirs(after: string): Promise<void> {
    expect(this.#strangersMachines(), after).toEqual(this.#machines);
    expect(await this.#theirDigests(), after).toEqual(this.#digests);
  }

  async #up(who: Who, settings: Properties): Promise<void> {
    const kind = this.#kinds[who];
    const state = this.#state.get(who);
    if (state === undefined) return await this.#create(who, settings);
    const { changes, replaces } = await this.#inProcess(kind.diff(state, settings));
    if (replaces && replaces.length > 0) {
      await this.#down(who);
      await this.#create(who, settings);
    } else if (changes) this.#state.set(who, await this.#kept(who, kind.update(state, settings)));
  }

  /** A deletion whose answer was lost has been done. */
  async #refresh(who: Who): Promise<void> {
    const state = this.#state.get(who);
    if (state === undefined) return;
    const read = await this.#inProcess(this.#kinds[who].read(state));
    if (read === undefined) this.#state.delete(who);
    else this.#state.set(who, read);
  }

  async #create(who: Who, settings: Properties): Promise<void> {
    const { simulator } = this.lab.raw;
    const folder = `[datastore1] ${String(settings.folder)}/`;
    const isEmpty = async () =>
      (await this.lab.raw.contents()).files.filter((file) => file.startsWith(folder)).join() === folder;
    // What the host makes there takes the folder along when it goes.
    const stays = who === "c" && settings.transport === "ssh" && (await isEmpty());
    simulator.requests.clear();
    try {
      this.#state.set(who, await this.#kept(who, this.#kinds[who].create(settings)));
    } catch (error) {
      const isRegistered = simulator.requests.entries().some(({ target }) => target.includes("registervm"));
      if (stays && !isRegistered) expect(await isEmpty(), "the empty folder stays").toBe(true);
      throw error;
    }
  }

  async #down(who: Who): Promise<void> {
    const state = this.#state.get(who);
    if (state === undefined) return;
    await this.#inProcess(this.#kinds[who].delete(state));
    this.#state.delete(who);
  }

  /** What a failure leaves in Pulumi's state. */
  async #kept(who: Who, work: Promise<InState>): Promise<InState> {
    try {
      return await this.#inProcess(work);
    } catch (error) {
      if (error instanceof UnfinishedError) {
        const { inputs = {} } = this.#state.get(who) ?? {};
        this.#state.set(who, { id: error.id, outs: error.properties, inputs });
      }
      throw error;
    }
  }

  /** What the work gives. If its process is killed, nobody hears of it: Pulumi writes nothing, and begins nothing more. */
  #inProcess<T>(work: Promise<T>): Promise<T> {
    const process = this.#killedProcesses;
    return new Promise((resolve, reject) => {
      work.then(
        (value) => void (process === this.#killedProcesses && resolve(value)),
        (error: unknown) => void (process === this.#killedProcesses && reject(error)),
      );
    });
  }

  /** What kept it from being done; anything but an error for people fails the test. */
  async #failure(work: () => Promise<void>): Promise<Error | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      expect(error).not.toBeInstanceOf(TypeError);
      expect(error.message).toMatch(/\S{3}/);
      return error;
    }
  }

  async #withMishap(mishap: Mishap | undefined, work: () => Promise<void>): Promise<void> {
    const { faults } = this.lab.raw.simulator;
    if (mishap?.kind === "away") return await this.#whileAway(mishap, work);
    if (mishap?.kind === "killed") return await this.#killed(mishap, work);
    if (mishap !== undefined) {
      const after = mishap.change - 1;
      if (mishap.kind === "lost")
        faults.add({ method: CHANGES_AND_COMMANDS, after, count: 1, action: "loseReply" });
      else faults.add({ method: CHANGES, after, count: 1, action: { taskFault: "NoDiskSpace" } });
    }
    await this.#failure(work);
    faults.clear();
  }

  /** A datastore that the host does not reach during a run, and that is back for the next one. */
  async #whileAway(
    { datastore, isListed }: Mishap & { readonly kind: "away" },
    work: () => Promise<void>,
  ): Promise<void> {
    const { behindBack } = this.lab.raw.simulator;
    const setAway = async (away: boolean) => {
      if (isListed) behindBack.setAway(datastore, away);
      else await behindBack.setMounted(datastore, !away);
    };
    await setAway(true);
    await this.#failure(work);
    await setAway(false);
    if (this.#serial % 2 === 0) await this.#restart();
  }

  /** This process ends, and another one begins. */
  async #restart(): Promise<void> {
    const before = this.#shellWire;
    const { ssh } = this.lab.raw.simulator;
    this.#shellWire = ssh && (await openWire(ssh.port));
    await this.lab.restart(this.#shellWire && { ssh: this.#shellWire.port });
    await before?.close();
  }

  /** A process that is killed at one of its changes; the next one begins when its session has ended. */
  async #killed(
    { change, moment }: Mishap & { readonly kind: "killed" },
    work: () => Promise<void>,
  ): Promise<void> {
    const { host } = this.lab;
    const { call } = host.client;
    const killed = killAt(host, change, moment);
    const ended = this.#failure(work).then(() => undefined);
    const isKilled = (await Promise.race([killed, ended])) !== undefined;
    if (isKilled) {
      this.#killedProcesses++;
      this.#shellWire?.cut();
    }
    const isIdle = () =>
      this.lab.raw.simulator.tasks().every(({ completeTime }) => completeTime !== undefined);
    await this.lab.raw.until(isIdle, "what the host has begun is done");
    this.lab.raw.simulator.expireSessions();
    // What the dead process still waits for must not bring it back to life.
    host.client.call = isKilled ? () => Promise.reject(new Error("The process was killed.")) : call;
    await this.#restart();
  }

  /** What is new afterwards is the stranger's. */
  async #asStranger(work: () => Promise<readonly string[]>): Promise<void> {
    const before = new Set((await this.lab.raw.contents()).files);
    const needed = await work().catch((error: unknown): readonly string[] => {
      // Nobody gets a disk that one of ours runs with.
      if (!isFault(error, "FileLocked")) throw error;
      return [];
    });
    const { files } = await this.lab.raw.contents();
    const isNew = (file: string) => !before.has(file) && !file.endsWith("/");
    for (const file of needed) this.#theirs.add(file);
    if (!needed.includes(NOT_THEIRS)) for (const file of files.filter(isNew)) this.#theirs.add(file);
    for (const file of this.#theirs) if (!files.includes(file)) this.#theirs.delete(file);
    // The next program is another run, which knows nothing of before, or the same one, which must look again.
    if (this.#serial % 2 === 0) await this.#restart();
    this.#machines = this.#strangersMachines();
    this.#digests = await this.#theirDigests();
  }

  /** @returns Files of ours that are needed from now on. */
  async #act(act: Act): Promise<readonly string[]> {
    const name = `s${++this.#serial}`;
    switch (act.does) {
      case "builds on":
      case "attaches":
      case "keeps in a snapshot":
        return await this.#take(name, act.does, this.#diskOf(act.of, act.disk));
      case "builds on unseen": {
        const needed = await this.#take(name, "builds on", this.#diskOf(act.of, act.disk));
        const vm = this.lab.raw.simulator.vms().find((one) => one.name === name);
        if (vm) this.#hide(vm.moid, "everything");
        return needed;
      }
      case "builds on unregistered":
      case "attaches unregistered": {
        const how = act.does === "builds on unregistered" ? "builds on" : "attaches";
        const needed = await this.#take(name, how, this.#diskOf(act.of, act.disk));
        const vm = this.lab.raw.simulator.vms().find((one) => one.name === name);
        if (vm) await this.lab.raw.simulator.behindBack.unregister(vm.moid);
        return needed;
      }
      case "mounts our image": {
        if (!(await this.lab.raw.contents()).files.includes(IMAGE)) return [];
        await this.#stranger.vm(name);
        await this.#stranger.mount(name, IMAGE);
        await this.lab.raw.simulator.behindBack.powerOn(this.lab.raw.vm(name).moid);
        return [IMAGE];
      }
      case "links again": {
        const [last] = this.#links.filter((link) => this.#machine(link) !== undefined).slice(-1);
        return await this.#take(name, "builds on", last && this.#stranger.diskPaths(last)[0]);
      }
      case "copies our machine by hand":
        return await this.#copy(act.of, name);
      case "takes a snapshot of our machine":
        if (this.#machine(act.of) === undefined) return [];
        await this.#stranger.snapshot(act.of, name);
        return [NOT_THEIRS];
      case "gives our machine a disk": {
        if (this.#machine(act.of) === undefined) return [];
        await this.#stranger.vm(name, ["new"]);
        const [disk = ""] = this.#stranger.diskPaths(name);
        const isFree = !this.#stranger.hasUnit(act.of, 9);
        if (isFree) await this.#stranger.attach(act.of, disk);
        return [];
      }
      case "puts files into":
        for (const file of [`${name}.txt`, `${name}.vmdk`, "copying-0.vmdk"]) {
          const path = this.lab.raw.simulator.localFile(`[datastore1] ${act.folder}/${file}`);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, `${file} of a colleague`);
        }
        return [];
      case "makes an empty folder":
        await mkdir(this.lab.raw.simulator.localFile(`[datastore1] ${act.folder}`), { recursive: true });
        return [];
      case "makes a machine in":
        await this.#stranger.vm(name, ["new"], `[datastore1] ${act.folder}/${name}.vmx`);
        return [];
      case "makes unreadable":
        await this.#stranger.vm(name);
        this.#hide(this.lab.raw.vm(name).moid, act.tells);
        return [];
    }
  }

  #hide(moid: string, tells: "everything" | "path"): void {
    this.lab.raw.simulator.behindBack.setUnreadable(moid, { state: "invalid", tells });
  }

  async #take(
    name: string,
    how: "builds on" | "attaches" | "keeps in a snapshot",
    disk: string | undefined,
  ): Promise<readonly string[]> {
    if (disk === undefined) return [];
    const place = disk.replace(/\].*/, "]");
    const { files } = await this.lab.raw.contents();
    const needed = [disk, disk.replace(".vmdk", "-flat.vmdk"), disk.replace(".vmdk", "-sesparse.vmdk")];
    if (how === "builds on") {
      await this.#stranger.vm(name, [{ on: disk }], place);
      this.#links.push(name);
    } else {
      await this.#stranger.vm(name, ["new", { attach: disk }]);
      if (how === "keeps in a snapshot") {
        await this.#stranger.snapshot(name);
        await this.#stranger.detach(name, this.#stranger.diskPaths(name)[1] ?? "");
      }
    }
    if (how !== "attaches") this.#bases.add(disk);
    return needed.filter((file) => files.includes(file));
  }

  /** Copies the machine's folder, and registers the copy: it has the name and the identity of the first. */
  async #copy(of: string, name: string): Promise<readonly string[]> {
    const vm = this.#machine(of);
    if (vm === undefined) return [];
    const folder = vm.vmxPath.replace(/\/[^/]+$/, "");
    const needed = this.#stranger.diskPaths(of).filter((disk) => !disk.startsWith(`${folder}/`));
    const local = (path: string) => this.lab.raw.simulator.localFile(path);
    await cp(local(folder), local(`[datastore1] ${name}`), { recursive: true });
    await this.lab.register(`[datastore1] ${name}/${vm.vmxPath.slice(folder.length + 1)}`);
    const { files } = await this.lab.raw.contents();
    return needed
      .flatMap((disk) => [disk, disk.replace(".vmdk", "-flat.vmdk"), disk.replace(".vmdk", "-sesparse.vmdk")])
      .filter((file) => files.includes(file));
  }

  #machine(name: string) {
    const found = this.lab.raw.simulator.vms().filter((vm) => vm.name === name);
    return found.length === 1 ? found[0] : undefined;
  }

  #diskOf(name: string, index: number): string | undefined {
    if (this.#machine(name) === undefined) return undefined;
    const disks = this.#stranger.diskPaths(name).filter((disk) => !this.#theirs.has(disk));
    return disks[index % Math.max(1, disks.length)];
  }

  #strangersMachines(): readonly string[] {
    return this.lab.raw.simulator
      .vms()
      .filter(({ vmxPath }) => this.#theirs.has(vmxPath))
      .map(({ moid, name, vmxPath, powerState }) => `${moid} ${name} ${vmxPath} ${powerState}`)
      .sort();
  }

  #theirDigests(): Promise<Readonly<Record<string, string>>> {
    return this.#stranger.digestsOf([...this.#theirs], this.#bases);
  }
}

/** Says that what is new belongs to our machine. */
const NOT_THEIRS = "not theirs";
