import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { sharedLab, succeeded } from "../support/lab.ts";
import { withoutOwnMarks } from "../support/own-marks.ts";
import { tinyOva } from "../support/tiny-ova.ts";

const ISO = randomBytes(2_000_000);
const PATH = "[datastore1] iso/Core-5.4.iso";
const NOTES = "[datastore1] iso/notes.txt";

const program = (notes: string) => `
import { interpolate } from "@pulumi/pulumi";
import { DatastoreFile, DatastoreFolder, HostService, OvaDeployment, VmSnapshot } from "pulumi-esxi-direct";
const folder = new DatastoreFolder("folder", { path: "iso" });
const iso = new DatastoreFile("core", { path: interpolate\`\${folder.path}/Core-5.4.iso\`, source: "Core.iso" });
new DatastoreFile("notes", { path: interpolate\`\${folder.path}/notes.txt\`, source: "${notes}" });
new DatastoreFile("kept", { path: interpolate\`\${folder.path}/kept.txt\`, source: "old.txt" });
new HostService("ssh", { service: "TSM-SSH", policy: "on" });
const vm = new OvaDeployment("vm", { ovaPath: ${JSON.stringify(tinyOva.path)}, annotation: iso.datastorePath, powerOn: false });
new VmSnapshot("clean", { vm, description: "before the course" });
export const path = iso.datastorePath;
`;

/** Each test goes on where the one before it ended. */
describe("a stack of what is around the VMs", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const all = ["clean", "core", "folder", "kept", "notes", "ssh", "vm"];
  const but = (...names: readonly string[]) => all.filter((name) => !names.includes(name));
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  test("up uploads the ISO into its folder, and the rest uses it", async (context) => {
    const { host, project } = await lab(context);
    await project.write("Core.iso", ISO);
    await project.write("old.txt", "an old release");
    await project.write("new.txt", "a new release");
    await project.write("index.js", program("old.txt"));
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: all });
    expect(digest(await readFile(host.simulator.localFile(PATH)))).toBe(digest(ISO));
    expect(host.vm("vm").config.annotation).toBe(PATH);
    const files = withoutOwnMarks((await host.contents()).files);
    expect(files.filter((file) => file.includes("pulumi-esxi-direct-"))).toEqual([
      expect.stringContaining("HostService"),
    ]);
  });

  test("a refresh tells of a file that somebody changed, and of nothing else", async (context) => {
    const { host, project } = await lab(context);
    await writeFile(host.simulator.localFile(PATH), "theirs");
    expect(succeeded(await project.refresh()).steps).toEqual({ update: ["core"], same: but("core") });
  });

  test("up puts it right, says that other content is put in place at the same path, and sends no more", async (context) => {
    const { host, project } = await lab(context);
    await project.write("index.js", program("new.txt"));
    host.simulator.requests.clear();
    const { steps, diagnostics } = succeeded(await project.up());
    expect(steps).toEqual({ update: ["core", "notes"], same: but("core", "notes") });
    for (const name of ["core", "notes"]) {
      const told = diagnostics.filter((one) => one.name === name).map(({ message }) => message);
      expect(told.join("\n")).toContain("update in place: content");
    }
    expect(digest(await readFile(host.simulator.localFile(PATH)))).toBe(digest(ISO));
    expect(await readFile(host.simulator.localFile(NOTES), "utf8")).toBe("a new release");
    // Each file that changes, and its mark.
    expect(host.count("folder")).toBe(4);
  });

  test("destroy takes file, folder, snapshot and VM away in the right order", async (context) => {
    const { host, project } = await lab(context);
    expect(succeeded(await project.destroy()).steps).toEqual({ delete: all });
    await host.expectEmpty();
  });
});
