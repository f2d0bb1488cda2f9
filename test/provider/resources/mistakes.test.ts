/** What people get wrong, as they write it, and that they are told what is wrong and what was meant. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asked } from "../../cli/raw-host.ts";
import { createVm, disk, SCSI } from "../../simulator/host/lab.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { Lab } from "./lab.ts";
import { lifecycleOf } from "./lifecycles.ts";
import { HOST_MISTAKES, MISTAKES } from "./mistakes.ts";
import { ResourceLab } from "./resource-lab.ts";

/** Kinds that have no name on the host. */
const NAMELESS = ["DatastoreFile", "HostService"];

let lab: Lab;
let folder: TemporaryFolder;

beforeAll(async () => {
  [lab, folder] = await Promise.all([Lab.open(), temporaryFolder()]);
  await folder.write("tinyVM.ova", await readFile(tinyOva.path));
  await folder.write("page.ova", `<!DOCTYPE html><html><title>Sign in</title>${" ".repeat(2000)}`);
  await mkdir(join(folder.path, "images"));
});

afterAll(async () => {
  await lab.close();
  await strangers?.close();
  await folder.remove();
});

describe("a preview, without one request to the host, says what is wrong with", () => {
  test.for(MISTAKES.map((mistake) => [`${mistake.kind} ${JSON.stringify(mistake.args)}`, mistake] as const))(
    "%s",
    async ([, { kind, args, says }]) => {
      const said: string[] = [];
      const context = {
        ...lab.context(),
        projectFolder: folder.path,
        progress: { status: () => {}, info: () => {}, warn: (text: string) => void said.push(text) },
      };
      const news = { ...(NAMELESS.includes(kind) ? {} : { name: "vm" }), ...args };
      const { failures } = await lifecycleOf(kind).check({}, news, context);
      said.push(...failures.map(({ property, reason }) => `${property}: ${reason}`));
      for (const text of says) expect(said.join("\n")).toContain(text);
      expect(lab.raw.count()).toBe(0);
    },
  );
});

describe("a host, on which nothing changes by that, says what is wrong with", () => {
  test.for(
    HOST_MISTAKES.map(
      (mistake, index) => [`${mistake.kind} ${JSON.stringify(mistake.args)}`, mistake, index] as const,
    ),
  )("%s", async ([, { kind, args, says }, index]) => {
    const strangers = await withStrangers();
    const before = await strangers.raw.contents();
    const resources = ResourceLab.in(strangers, lifecycleOf(kind), kind);
    const error = await resources.create(`vm-${index}`, args).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    for (const text of says) expect(String(error)).toContain(text);
    const { vms, files } = await strangers.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  });
});

let strangers: Lab | undefined;

/** A host with a machine debian-12 that is off, and one that runs. */
async function withStrangers(): Promise<Lab> {
  if (strangers !== undefined) return strangers;
  strangers = await Lab.open({ apiVersion: "8.0.3.0" });
  const { raw } = strangers;
  for (const name of ["debian-12", "running"]) {
    await asked({ host: raw }, (client) =>
      createVm(client, name, { memoryMB: 512, tail: SCSI + disk(8192) }),
    );
  }
  await raw.simulator.behindBack.powerOn(raw.vm("running").moid);
  return strangers;
}
