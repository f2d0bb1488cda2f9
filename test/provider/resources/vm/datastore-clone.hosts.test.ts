/** Clones on hosts that behave in the other of two ways, where nobody knows which one does. */
import { afterEach, expect, test } from "vitest";
import type { Behaviour } from "../../../../simulator/behaviour.ts";
import { CloneLab } from "../clone-lab.ts";
import { failure } from "../lab.ts";

let clones: CloneLab;

afterEach(() => clones.lab.close());

async function open(behaviour: Partial<Behaviour>): Promise<void> {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" }, behaviour });
}

test("a host that copies no disk below a running one says so, keeps nothing, and does it over SSH", async () => {
  await open({ frozenDiskCopy: "refused" });
  await clones.golden({ powerOn: true });
  const disk = await clones.lab.raw.rawDisk("golden");
  const before = await clones.lab.raw.contents();
  const settings = { poweredOnSource: "snapshot", powerOn: false };
  const refused = await failure(clones.create("student", { ...settings, transport: "api" }));
  expect(refused.message).toMatch(
    /esxi1 does not copy the disks of "golden" through the API while it runs.*Power it off, or use transport: "ssh"/,
  );
  expect(await clones.lab.raw.contents()).toEqual(before);
  const clone = await clones.create("student", { ...settings, transport: "ssh" });
  expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
  await clones.delete(clone);
  expect(await clones.lab.raw.contents()).toEqual(before);
});

test.each(["whole", "masked"] as const)(
  "names that are not ASCII are found over SSH where ls prints them %s",
  async (lsNames) => {
    await open({ lsNames });
    const golden = await clones.golden({ name: "Prüfung", powerOn: true });
    await clones.lab.update(golden, { name: "Prüfung", powerOn: false });
    const before = await clones.lab.raw.contents();
    expect(before.files).toContain("[datastore1] Prüfung/Prüfung.nvram");
    const clone = await clones.create("Übung 漢字", { source: "Prüfung", transport: "ssh", powerOn: false });
    const { files } = await clones.lab.raw.contents();
    expect(files).toContain("[datastore1] Übung 漢字/Übung 漢字.nvram");
    await clones.delete(clone);
    expect(await clones.lab.raw.contents()).toEqual(before);
  },
);
