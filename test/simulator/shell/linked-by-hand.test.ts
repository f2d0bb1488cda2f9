/** Linked clones as people make them in the host's shell, by the two ways that are known to work. */
import { randomBytes } from "node:crypto";
import type { Client } from "ssh2";
import { describe, expect, it } from "vitest";
import type { Simulator, SimulatorOptions } from "../../../simulator/index.ts";
import { startLab } from "../host/lab.ts";
import { firstText, type RawClient } from "../host/raw-client.ts";
import { logIn, run } from "../ssh/ssh-lab.ts";
import { createBase, guestBytes, guestDigest, sha256 } from "../vm/snapshot/linked-vm.ts";

const DS = "/vmfs/volumes/datastore1";

interface ByHand {
  readonly simulator: Simulator;
  readonly soap: RawClient;
  readonly client: Client;
  readonly base: string;
  /** Runs a command. @returns what it printed */
  sh(command: string, input?: string): Promise<string>;
  read(path: string): Promise<string>;
}

async function byHand(options: Partial<SimulatorOptions> = {}): Promise<ByHand> {
  const { simulator, client: soap } = await startLab({ ssh: { listen: "127.0.0.1:0" }, ...options });
  const base = (await createBase(simulator, soap)).split(":")[1] ?? "";
  const client = await logIn(simulator);
  const sh = async (command: string, input = "") => {
    const { stdout, stderr } = await run(client, command, input);
    return `${stdout}${stderr}`;
  };
  return { simulator, soap, client, base, sh, read: (path) => sh(`cat ${DS}/${path}`) };
}

/** The base's `.vmx` for another machine: without identity, its disk that file. */
async function vmxOf({ read }: ByHand, name: string, disk: string, further: readonly string[] = []) {
  const lines = (await read("base/base.vmx"))
    .split("\n")
    .filter((line) => !/^(uuid\.|vc\.uuid|vmci0\.id|sched\.swap)/.test(line) && line !== "")
    .map((line) => line.replace(/^(scsi0:0\.fileName) = .*/, `$1 = "${disk}"`))
    .map((line) => line.replace(/^(displayName|nvram) = "base/, `$1 = "${name}`));
  return [...lines, ...further, ""].join("\n");
}

/** Copies the base's present disk, to which nobody has written, into a machine's folder, and registers it. */
async function copyChild(hand: ByHand, name: string): Promise<string> {
  const { sh, read } = hand;
  const child = (await read("base/base.vmx")).match(/scsi0:0\.fileName = "(.*)\.vmdk"/)?.[1] ?? "";
  await sh(`mkdir ${DS}/${name} && cp ${DS}/base/${child}-sesparse.vmdk ${DS}/${name}/${name}-sesparse.vmdk`);
  const descriptor = (await read(`base/${child}.vmdk`))
    .replace(/(parentFileNameHint=")([^/"]+)"/, `$1${DS}/base/$2"`)
    .replace(`${child}-sesparse.vmdk`, `${name}-sesparse.vmdk`);
  await sh(`cat > ${DS}/${name}/${name}.vmdk`, descriptor);
  await sh(`cat > ${DS}/${name}/${name}.vmx`, await vmxOf(hand, name, `${name}.vmdk`));
  return (await sh(`vim-cmd solo/registervm ${DS}/${name}/${name}.vmx`)).trim();
}

describe("a linked clone by hand", () => {
  it("is a copied disk without changes, whose descriptor names the parent by its whole path", async () => {
    const hand = await byHand();
    const { simulator, base, sh } = hand;
    await sh(`vim-cmd vmsvc/snapshot.create ${base} frozen '' 0 0`);
    const bytes = sha256(await guestBytes(simulator, "[datastore1] base/base.vmdk"));
    const id = await copyChild(hand, "child");
    expect(await guestDigest(simulator, "[datastore1] child/child.vmdk")).toBe(bytes);
    expect(await sh(`vim-cmd vmsvc/power.on ${id}`)).toBe("Powering on VM:\n");
    await simulator.writeAsGuest(id, { offsetBytes: 0, data: randomBytes(512) });
    expect(await guestDigest(simulator, "[datastore1] base/base.vmdk")).toBe(bytes);
    // A child that runs keeps its parents as they are.
    const snapshot = /Snapshot Id +: (\d+)/.exec(await sh(`vim-cmd vmsvc/snapshot.get ${base}`))?.[1];
    expect(await sh(`vim-cmd vmsvc/snapshot.remove ${base} ${snapshot} 0`)).toMatch(
      /\(vim\.fault\.FileLocked\) \{[\s\S]*since it is locked/,
    );
    for (const operation of ["-U", "-X 20M"])
      expect(await sh(`vmkfstools ${operation} ${DS}/base/base.vmdk`)).toMatch(
        /Failed to lock the file \(16392\)/,
      );
    await sh(`vim-cmd vmsvc/power.off ${id}`);
    // One that does not run is broken without a word.
    await sh(`vim-cmd vmsvc/power.on ${base}`);
    await simulator.writeAsGuest(base, { offsetBytes: 0, data: randomBytes(512) });
    await sh(`vim-cmd vmsvc/power.off ${base}; vim-cmd vmsvc/snapshot.remove ${base} ${snapshot} 0`);
    expect(await sh(`vim-cmd vmsvc/power.on ${id}`)).toMatch(
      /Power on failed\n[\s\S]*parent virtual disk has been modified/,
    );
  });

  it("is a machine on another's disk that takes a snapshot in a folder of its own", async () => {
    const hand = await byHand();
    const { simulator, base, sh } = hand;
    const own = ['workingDir = "."', 'snapshot.redoNotWithParent = "TRUE"'];
    const vmx = await vmxOf(hand, "child", `${DS}/base/base.vmdk`, own);
    await sh(`mkdir ${DS}/child && cat > ${DS}/child/child.vmx`, vmx);
    const id = (await sh(`vim-cmd solo/registervm ${DS}/child/child.vmx`)).trim();
    await sh(`vim-cmd vmsvc/snapshot.create ${id} frozen '' 0 0`);
    expect(await sh(`ls ${DS}/child`)).toMatch(/^base-000001-sesparse\.vmdk\nbase-000001\.vmdk\n/);
    const descriptor = await hand.read("child/base-000001.vmdk");
    expect(descriptor).toMatch(/^parentFileNameHint="\/vmfs\/volumes\/[0-9a-f-]+\/base\/base\.vmdk"$/m);
    const [, cid, parent] = /^CID=(.*)\nparentCID=(.*)$/m.exec(descriptor) ?? [];
    expect(cid).toBe(parent);
    // The machine's snapshot has the base's disk as its own, and so has its deletion.
    await sh(`vim-cmd vmsvc/destroy ${id}`);
    expect(await sh(`ls ${DS}/base`)).not.toContain("base.vmdk");
    expect(simulator.vms().map(({ moid }) => moid)).toEqual([base]);
  });

  it("has its snapshot beside the other's disk where it does not say otherwise", async () => {
    const hand = await byHand();
    const vmx = await vmxOf(hand, "child", `${DS}/base/base.vmdk`);
    await hand.sh(`mkdir ${DS}/child && cat > ${DS}/child/child.vmx`, vmx);
    const id = (await hand.sh(`vim-cmd solo/registervm ${DS}/child/child.vmx`)).trim();
    await hand.sh(`vim-cmd vmsvc/snapshot.create ${id} frozen '' 0 0`);
    expect(await hand.sh(`ls ${DS}/base`)).toContain("base-000001.vmdk");
  });
});

describe("vim-cmd", () => {
  it("registers under a name and into a pool, and says what is wrong with them", async () => {
    const { soap, base, sh } = await byHand();
    const spec = ["cpu", "memory"].map(
      (of) =>
        `<${of}Allocation><reservation>0</reservation><expandableReservation>true</expandableReservation><limit>-1</limit><shares><shares>0</shares><level>normal</level></shares></${of}Allocation>`,
    );
    const pool = await soap.ok(
      "CreateResourcePool",
      "ResourcePool:ha-root-pool",
      `<name>lab</name><spec>${spec.join("")}</spec>`,
    );
    const poolId = firstText(pool, "returnval");
    const register = (further = "") => sh(`vim-cmd solo/registervm ${DS}/base/base.vmx ${further}`);
    expect(await register()).toMatch(
      new RegExp(
        `^\\(vim\\.fault\\.AlreadyExists\\) \\{[\\s\\S]*name = "${base}"[\\s\\S]*'${base}' already exists`,
      ),
    );
    await sh(`vim-cmd vmsvc/unregister ${base}`);
    expect(await register("other pool99")).toMatch(
      /\(vmodl\.fault\.InvalidArgument\) \{[\s\S]*invalidProperty = "pool"[\s\S]*msg = "A specified parameter was not correct: pool"/,
    );
    const id = (await register(`other ${poolId}`)).trim();
    const vm = `VirtualMachine:${id}`;
    expect([await soap.value(vm, "name"), await soap.value(vm, "resourcePool")]).toEqual(["other", poolId]);
  });

  it.each([
    ["7.0.3.0", /Snapshot Name +: second/],
    ["8.0.3.0", /^Get Snapshot:\n$/],
  ])("of %s removes a snapshot's children or leaves them", async (apiVersion, left) => {
    const { base, sh } = await byHand({ apiVersion });
    for (const name of ["first", "second"]) await sh(`vim-cmd vmsvc/snapshot.create ${base} ${name} '' 0 0`);
    await sh(`vim-cmd vmsvc/snapshot.remove ${base} 1 1`);
    expect(await sh(`vim-cmd vmsvc/snapshot.get ${base}`)).toMatch(left);
  });

  it("fails once to power on what was registered just now, where hosts do so", async () => {
    const { base, sh } = await byHand({ behaviour: { firstPowerOn: "fails" } });
    await sh(`vim-cmd vmsvc/unregister ${base}`);
    const id = (await sh(`vim-cmd solo/registervm ${DS}/base/base.vmx`)).trim();
    const powerOn = () => sh(`vim-cmd vmsvc/power.on ${id}`);
    expect([await powerOn(), await powerOn()]).toEqual([
      "Powering on VM:\nPower on failed\n",
      "Powering on VM:\n",
    ]);
  });
});
