import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedLab, succeeded } from "../support/lab.ts";
import { withoutOwnMarks } from "../support/own-marks.ts";
import { tinyOva } from "../support/tiny-ova.ts";

const ISO = randomBytes(2_000_000);
const PATH = "[datastore1] iso/Core-5.4.iso";

const program = (source: string) => `
import { interpolate } from "@pulumi/pulumi";
import { DatastoreFile, DatastoreFolder, HostService, OvaDeployment, VmSnapshot } from "pulumi-esxi-direct";
const folder = new DatastoreFolder("folder", { path: "iso" });
const iso = new DatastoreFile("core", { path: interpolate\`\${folder.path}/Core-5.4.iso\`, source: "${source}" });
new HostService("ssh", { service: "TSM-SSH", policy: "on" });
const vm = new OvaDeployment("vm", { ovaPath: ${JSON.stringify(tinyOva.path)}, annotation: iso.datastorePath, powerOn: false });
new VmSnapshot("clean", { vm, description: "before the course" });
export const path = iso.datastorePath;
`;

/** Each test goes on where the one before it ended. */
describe("a stack of what is around the VMs", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const all = ["clean", "core", "folder", "ssh", "vm"];
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  test("up uploads the ISO into its folder, and the rest uses it", async (context) => {
    const { host, project } = await lab(context);
    await project.write("Core.iso", ISO);
    await project.write("index.js", program("Core.iso"));
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: all });
    expect(digest(await readFile(host.simulator.localFile(PATH)))).toBe(digest(ISO));
    expect(host.vm("vm").config.annotation).toBe(PATH);
    const files = withoutOwnMarks((await host.contents()).files);
    expect(files.filter((file) => file.includes("pulumi-esxi-direct-"))).toEqual([
      expect.stringContaining("HostService"),
    ]);
  });

  test("a second up and a refresh find nothing to do, and send nothing", async (context) => {
    const { host, project } = await lab(context);
    host.simulator.requests.clear();
    expect(succeeded(await project.up()).steps).toEqual({ same: all });
    expect(succeeded(await project.refresh()).steps).toEqual({ same: all });
    expect(host.count("folder")).toBe(0);
  });

  test("a refresh tells of a file that somebody changed, and up puts it right", async (context) => {
    const { host, project } = await lab(context);
    await writeFile(host.simulator.localFile(PATH), "theirs");
    const same = all.filter((name) => name !== "core");
    expect(succeeded(await project.refresh()).steps).toEqual({ update: ["core"], same });
    expect(succeeded(await project.up()).steps).toEqual({ update: ["core"], same });
    expect(digest(await readFile(host.simulator.localFile(PATH)))).toBe(digest(ISO));
  });

  test("a preview says that other content is put in place, and the path stays", async (context) => {
    const { host, project } = await lab(context);
    await writeFile(join(project.folder, "Other.iso"), "a new release");
    await project.write("index.js", program("Other.iso"));
    expect(succeeded(await project.preview()).output).toContain("update in place: content");
    expect(succeeded(await project.up()).steps).toMatchObject({ update: ["core"] });
    expect(await readFile(host.simulator.localFile(PATH), "utf8")).toBe("a new release");
  });

  test("destroy takes file, folder, snapshot and VM away in the right order", async (context) => {
    const { host, project } = await lab(context);
    expect(succeeded(await project.destroy()).steps).toEqual({ delete: all });
    await host.expectEmpty();
  });
});
