import { afterEach, expect, test } from "vitest";
import { freePort } from "../../../support/ports.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { Lab } from "../lab.ts";
import { type Previewed, previewed } from "./previewed.ts";

const GIB = 1024 ** 3;
let lab: Lab | undefined;

afterEach(() => lab?.close());

async function open(capacityGb = 100): Promise<Lab> {
  lab = await Lab.open({ datastores: [{ name: "datastore1", capacityBytes: capacityGb * GIB }] });
  return lab;
}

const vm = (name: string, args: Previewed["args"] = {}): Previewed => ({
  kind: "ScratchVm",
  args: { name, ...args },
});

test("a preview of many new machines asks the host three times, and once for a file that they share", async () => {
  const own = await open();
  await own.write("core.iso", "an image");
  const { datastoreFile } = await import(
    "../../../../provider/resources/datastore/datastore-file.lifecycle.ts"
  );
  const file = { path: "core.iso", source: "core.iso", __urn: "urn:pulumi:dev::lab::x:F::f" };
  await datastoreFile.create((await datastoreFile.check({}, file, own.context())).inputs, own.context());
  await own.restart();
  const before = own.raw.count();
  for (let index = 0; index < 50; index++) {
    const said = await previewed(own, vm(`vm-${index}`, { cdroms: [{ iso: "[datastore1] core.iso" }] }));
    expect(said).toEqual({ failures: [], warnings: [] });
  }
  expect(own.raw.count() - before).toBeLessThanOrEqual(4);
});

test("with esxi:checkHost: false it asks nothing", async () => {
  const own = await open();
  const said = await previewed(own, vm("vm", { datastore: "ssd" }), { checkHost: false });
  expect(said).toEqual({ failures: [], warnings: [] });
  expect(own.raw.count()).toBe(0);
});

test("a host that does not let in is an error for a new machine, asked once for all", async () => {
  const own = await open();
  const host = own.connect({ password: "wrong" });
  const context = own.context(new AbortController().signal, host);
  for (const name of ["one", "two"]) {
    const { failures } = await previewed(own, vm(name), context);
    expect(failures).toEqual([
      expect.stringMatching(/^host: esxi1: the host refused the user name or password/),
    ]);
  }
  expect(own.raw.count("Login")).toBe(1);
});

test("a host that is down is an error for a new machine, and one warning for those that only change", async () => {
  const own = await open();
  const host = own.connect({}, { api: await freePort() });
  const context = own.context(new AbortController().signal, host);
  const change = (name: string) =>
    previewed(own, { ...vm(name, { memory: 2048 }), before: { name, memory: 1024 } }, context);
  expect(await change("a")).toEqual({
    failures: [],
    warnings: [expect.stringContaining("`pulumi up` will need the host, and now: esxi1")],
  });
  expect(await change("b")).toEqual({ failures: [], warnings: [] });
  expect((await previewed(own, vm("new"), context)).failures).toEqual([
    expect.stringMatching(/^host: esxi1/),
  ]);
});

test("a disk that is larger than its datastore is refused if it is thick, and warned of if it is thin", async () => {
  const own = await open(20);
  const disk = (provisioning: string, size: number) => ({ disks: [{ label: "data", size, provisioning }] });
  const larger =
    'disks.0.size: a disk of 50 GB is larger than the datastore "datastore1" of esxi1, which has 20 GB in all.';
  for (const provisioning of ["thick", "eagerZeroedThick"]) {
    const { failures } = await previewed(own, vm(provisioning, disk(provisioning, 50)));
    expect(failures).toEqual([`${larger} Make it smaller, or choose another \`datastore\`.`]);
  }
  const thin = await previewed(own, vm("thin", disk("thin", 50)));
  expect(thin.failures).toEqual([]);
  expect(thin.warnings).toEqual([`${larger} The machine will be stopped when there is no more room.`]);
  expect(await previewed(own, vm("fits", disk("thick", 20)))).toEqual({ failures: [], warnings: [] });
  const grown = { ...vm("grown", disk("thick", 50)), before: { name: "grown", ...disk("thick", 10) } };
  expect((await previewed(own, grown)).failures).toEqual([
    expect.stringContaining("larger than the datastore"),
  ]);
});

test("an OVA that is larger than the datastore is told in the same way", async () => {
  const own = await open(1 / 1024);
  const ova = {
    kind: "OvaDeployment",
    args: { name: "big", ovaPath: tinyOva.path, diskProvisioning: "thick" },
  } as const;
  expect((await previewed(own, ova)).failures).toEqual([
    expect.stringMatching(/^ovaPath: a disk of .* is larger than the datastore "datastore1"/),
  ]);
});
