/** The caps on what one run does at once on one host, as the host and those who wait see them. */
import { afterEach, expect, test } from "vitest";
import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import type { HostSettings } from "../../../provider/host/host-settings.ts";
import { serveGatedOva } from "../../support/gated-ova.ts";
import { CloneLab } from "../resources/clone-lab.ts";
import { Lab } from "../resources/lab.ts";

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function labWith(settings: Partial<HostSettings>): Promise<{ lab: Lab; host: EsxiHost }> {
  const lab = await Lab.open();
  cleanUps.push(() => lab.close());
  return { lab, host: lab.connect(settings) };
}

/** A promise that a test settles itself. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test("no more uploads than maxTransfers are on their way at once, and who waits says so", async () => {
  const { lab, host } = await labWith({ maxTransfers: 2 });
  const ova = await serveGatedOva();
  cleanUps.push(ova.close);
  const context = lab.context(new AbortController().signal, host);
  const names = ["a", "b", "c"];
  const making = names.map((name) => lab.create({ name, ovaPath: ova.url, powerOn: false }, context));
  await expect.poll(() => lab.texts("status")).toContain("waiting until esxi1 has room for another upload");
  await expect.poll(() => ova.waiting()).toBe(2);
  expect(lab.raw.count("ImportVApp")).toBe(2);
  ova.open();
  await Promise.all(making);
  expect(lab.raw.simulator.vms().map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

test("no more tasks than maxTasks are begun at once", async () => {
  const { host } = await labWith({ maxTasks: 2 });
  const { signal } = new AbortController();
  const { open, opened } = gate();
  const begun: number[] = [];
  const tasks = [0, 1, 2, 3].map((index) =>
    host.task(
      async () => {
        begun.push(index);
        await opened;
        throw new Error("refused");
      },
      { signal },
    ),
  );
  await host.facts();
  expect(begun).toEqual([0, 1]);
  open();
  const ends = await Promise.allSettled(tasks);
  // A task that fails leaves its place to the next.
  expect(ends.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
  expect(begun).toEqual([0, 1, 2, 3]);
});

test("no disk is copied while maxCopies others are", async () => {
  const clones = await CloneLab.open();
  cleanUps.push(() => clones.lab.close());
  const { raw } = clones.lab;
  await clones.golden();
  const host = clones.lab.connect({ maxCopies: 1 });
  const context = clones.lab.context(new AbortController().signal, host);
  const { open, opened } = gate();
  const other = host.copies.run(() => opened);
  const making = clones.create("student", { mode: "full", powerOn: false }, context);
  // The machine is there, without disks, and its first copy is what comes next.
  await raw.until(() => raw.count("CreateVM_Task") === 1, "the clone's machine is made");
  for (let look = 0; look < 5; look++) await host.vms.overview();
  expect(raw.count("CopyVirtualDisk_Task")).toBe(0);
  open();
  await Promise.all([other, making]);
  expect(raw.count("CopyVirtualDisk_Task")).toBe(1);
  expect((await raw.contents()).vms).toEqual(["golden: poweredOff", "student: poweredOff"]);
});
