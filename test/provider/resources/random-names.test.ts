/**
 * Draws names for everything that has one: each is made, read, used by another thing, changed, kept from being deleted while
 * it is used, and deleted. People write the plain name everywhere, however the host spells it.
 */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Lifecycle, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { getDatastore, getNetwork, getVm, getVms } from "../../../provider/resources/look-ups/reads.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { draws } from "../../support/draws.ts";
import { failure, Lab } from "./lab.ts";
import { type InState, Managed } from "./managed.ts";

const GIB = 1024 ** 3;
/** Guests that report an address meanwhile would be read as something new. */
const NEVER_MS = 10_000_000;

const PLAIN = [
  "a",
  "B",
  "7",
  "-",
  "_",
  ".",
  ",",
  "(",
  ")",
  "~",
  "!",
  "@",
  "^",
  "{",
  "}",
  ";",
  "$",
  "`",
  "&",
  "'",
  "#",
  "=",
];
const ODD = ["%", "%2f", "%25", "[", "]", "+", " ", "ü", "ß", "宿", "題", "\u2028", "é", "e\u0301"];
/** What no path may have. */
const NOT_IN_PATHS = ["/", "\\", '"', "<", ">", "|", "*", "?", ":"];

/** A name that hosts take: not empty, at most so many characters as it is escaped, no space at either end. */
const name = (parts: readonly string[], most: number) =>
  fc
    .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 12 })
    .map((drawn) => drawn.join(""))
    .filter((text) => text === text.trim() && encodeURI(text.replace(/[^%/\\]/g, "x")).length <= most)
    .filter((text) => !/^\./.test(text) && text.length <= most);

const anyName = name([...PLAIN, ...ODD, ...NOT_IN_PATHS], 60);
const switchName = name([...PLAIN, ...ODD, ...NOT_IN_PATHS], 31);
/** What looks like a path with its datastore is refused. */
const pathName = name([...PLAIN, ...ODD], 60).filter((text) => !/^\[[^\]]*\] ?\S/.test(text));
const names = fc
  .record({
    vSwitch: switchName,
    group: anyName,
    pool: anyName,
    child: anyName,
    folder: pathName,
    file: pathName,
    vm: anyName,
    renamed: anyName,
    snapshot: anyName,
    resnapshot: anyName,
  })
  .filter(({ vm, renamed, snapshot, resnapshot, vSwitch, group }) => {
    const others = ["vSwitch0", "VM Network", "lab-net", "Management Network", "Resources"];
    return vm !== renamed && snapshot !== resnapshot && !others.includes(vSwitch) && !others.includes(group);
  });

let lab: Lab;

afterEach(() => lab.close());

const resource = (kind: string, lifecycle: Lifecycle) => new Managed(lab, kind, lifecycle);

/** Makes it, and expects that it reads back as it is, and that the same program changes nothing. */
async function made(of: Managed, wish: Properties): Promise<InState> {
  const state = await of.create(wish);
  lab.host.vms.forget();
  expect((await of.read(state))?.outs).toEqual(state.outs);
  expect(await of.diff(state, wish)).toMatchObject({ changes: false });
  return state;
}

async function changed(of: Managed, state: InState, wish: Properties): Promise<InState> {
  const now = await of.update(state, wish);
  lab.host.vms.forget();
  expect((await of.read(now))?.outs).toEqual(now.outs);
  expect(await of.diff(now, wish)).toMatchObject({ changes: false, replaces: [] });
  return now;
}

const found = async (look: Lifecycle, args: Properties) =>
  (await look.read("id", args, lab.context())).props?.result;

describe.each(["plain", "escaped"] as const)("on a host that spells names of networks %s", (networkNames) => {
  const DATASTORE = "Ablage [1] 100% +ü";

  beforeEach(async () => {
    const datastores = [DATASTORE, "other"].map((one) => ({ name: one, capacityBytes: GIB }));
    lab = await Lab.open({ datastores, behaviour: { networkNames }, guestAddressDelayMs: NEVER_MS });
  });

  test("things of any name are made, used, kept and deleted", async () => {
    const source = await lab.write("a.iso", "content");
    await fc.assert(
      fc.asyncProperty(names, async (drawn) => {
        const switches = resource("VirtualSwitch", virtualSwitch);
        const groups = resource("PortGroup", portGroup);
        const pools = resource("ResourcePool", resourcePool);
        const folders = resource("DatastoreFolder", datastoreFolder);
        const files = resource("DatastoreFile", datastoreFile);
        const vms = resource("ScratchVm", scratchVm);
        const snapshots = resource("VmSnapshot", vmSnapshot);

        const vSwitch = await made(switches, { name: drawn.vSwitch });
        const group = await made(groups, { name: drawn.group, virtualSwitch: drawn.vSwitch });
        const pool = await made(pools, { name: drawn.pool });
        const child = await made(pools, { name: drawn.child, parentResourcePool: String(pool.outs.path) });
        const folder = await made(folders, { path: drawn.folder, datastore: DATASTORE });
        const path = `${drawn.folder}/${drawn.file}`;
        const file = await made(files, { path, datastore: DATASTORE, source });
        const wish = {
          name: drawn.vm,
          datastore: DATASTORE,
          resourcePool: String(child.outs.path),
          networkInterfaces: [{ network: drawn.group }],
          cdroms: [{ iso: String(file.outs.datastorePath) }],
          disks: [{ size: 0.015625 }],
          powerOn: false,
        };
        let vm = await made(vms, wish);
        const snapshot = await made(snapshots, { name: drawn.snapshot, vm: drawn.vm });

        expect(await found(getVm, { name: drawn.vm })).toMatchObject({
          instanceUuid: vm.id,
          datastore: DATASTORE,
          resourcePool: drawn.child,
          networkInterfaces: [{ network: drawn.group }],
        });
        expect(await found(getVm, { vmxPath: String(vm.outs.vmxPath) })).toMatchObject({ name: drawn.vm });
        expect(await found(getVms, { resourcePool: String(child.outs.path) })).toMatchObject([
          { name: drawn.vm },
        ]);
        expect(await found(getNetwork, { name: drawn.group })).toMatchObject({
          virtualSwitch: drawn.vSwitch,
        });
        expect(await found(getDatastore, { name: DATASTORE })).toMatchObject({ name: DATASTORE });

        await snapshots.delete(await changed(snapshots, snapshot, { name: drawn.resnapshot, vm: drawn.vm }));
        vm = await changed(vms, vm, { ...wish, name: drawn.renamed, memory: 512 });
        vm = await changed(vms, vm, { ...wish, name: drawn.vm, powerOn: true });

        expect((await failure(vms.create({ ...wish, disks: [] }))).message).toMatch(/already|Two resources/);
        for (const [used, state] of [
          [groups, group],
          [pools, child],
          [pools, pool],
          [files, file],
          [switches, vSwitch],
        ] as const)
          expect((await failure(used.delete(state))).message).toMatch(/left alone|not possible/);
        expect((await failure(folders.delete(folder))).message).toContain("not empty");

        await vms.delete(vm);
        for (const [unused, state] of [
          [files, file],
          [folders, folder],
          [pools, child],
          [pools, pool],
          [groups, group],
          [switches, vSwitch],
        ] as const) {
          await unused.delete(state);
          expect(await unused.read(state)).toBeUndefined();
        }
        expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
      }),
      { ...draws(12), endOnFailure: true },
    );
  });
});

test("clones of any name are made of sources of any name, through the API and over SSH", async () => {
  lab = await Lab.open({
    ssh: { listen: "127.0.0.1:0" },
    datastores: [{ name: "ds ü", capacityBytes: GIB }],
  });
  let count = 0;
  const clones = resource("DatastoreClone", datastoreClone);
  const vms = resource("ScratchVm", scratchVm);
  await fc.assert(
    fc.asyncProperty(names, fc.constantFrom("api", "ssh"), async (drawn, transport) => {
      // A name belongs to one resource of a run.
      const [vm, renamed] = [drawn.vm, drawn.renamed].map((one) => `${one}${++count}`) as [string, string];
      const source = await made(vms, { name: vm, powerOn: false, disks: [{ size: 0.015625 }] });
      const wish = { name: renamed, source: vm, transport, folder: drawn.folder, powerOn: false };
      const clone = await made(clones, wish);
      const { name: onHost } =
        lab.raw.simulator.vms().find(({ instanceUuid }) => instanceUuid === clone.id) ?? {};
      const escaped = renamed.replaceAll("%", "%25").replaceAll("/", "%2f").replaceAll("\\", "%5c");
      expect(onHost).toBe(escaped);
      const again = await changed(clones, clone, { ...wish, name: `${renamed}-2`, memory: 64 });
      expect((await failure(clones.create({ ...wish, name: vm }))).message).toMatch(/already|Two resources/);
      await clones.delete(again);
      await vms.delete(source);
      expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
    }),
    { ...draws(12), endOnFailure: true },
  );
});
