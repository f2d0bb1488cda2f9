import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLab, succeeded } from "../support/lab.ts";

const SECRET = "pass-Word-6613";

const program = (content: string) => `import * as pulumi from "@pulumi/pulumi";
import { ScratchVm, TextFile } from "pulumi-esxi-direct";
const dhcp = new TextFile("dhcp", { path: "out/lab.dhcp", content: ${JSON.stringify(content)} });
const secret = pulumi.secret(${JSON.stringify(`${SECRET} ${content}`)});
export const digest = new TextFile("logins", { path: "out/logins", content: secret }).sha256;
if (process.env.LAB_VM === "yes") new ScratchVm("web", { memory: 64 }, { dependsOn: dhcp });
`;

test("a file is there before the machine that waits for it, is kept as the program says, and goes with it", {
  timeout: 240_000,
}, async (context) => {
  const { host, project } = await openLab(context);
  const at = (name: string) => join(project.folder, "out", name);
  await project.write("index.js", program("one\n"));
  // None of its operations needs a host.
  await project.setConfig({ "esxi:host": "127.0.0.1:1" });
  expect(succeeded(await project.up()).steps).toEqual({ create: ["dhcp", "logins"] });
  expect(await readFile(at("lab.dhcp"), "utf8")).toBe("one\n");
  expect(await readFile(at("logins"), "utf8")).toBe(`${SECRET} one\n`);
  const modes = [(await stat(at("lab.dhcp"))).mode, (await stat(at("logins"))).mode];
  expect(modes.map((mode) => mode & 0o777)).toEqual([0o644, 0o600]);

  await writeFile(at("logins"), "edited\n");
  await rm(at("lab.dhcp"));
  await project.write("index.js", program("two\n"));
  const seen = succeeded(await project.start("up", { args: ["--refresh", "--diff"] }).result);
  expect(seen.diagnostics.map(({ message }) => message)).toContain("changed on this machine: content");
  expect(seen.steps).toMatchObject({ create: ["dhcp"], update: ["logins"] });
  expect(await readFile(at("lab.dhcp"), "utf8")).toBe("two\n");
  expect(await readFile(at("logins"), "utf8")).toBe(`${SECRET} two\n`);

  await project.useHost(host);
  const made = succeeded(await project.up({ LAB_VM: "yes" }));
  expect(made.steps).toEqual({ create: ["web"], same: ["dhcp", "logins"] });
  const state = await readFile(project.stateFile(), "utf8");
  expect(state).toContain("ciphertext");
  for (const text of [state, ...project.said]) expect(text).not.toContain(SECRET);
  const digest = (await project.vmsInState()).get("logins")?.outputs?.sha256;
  expect(digest).toMatchObject({ ciphertext: expect.any(String) });

  await project.write("out/mine", "mine");
  succeeded(await project.destroy({ LAB_VM: "yes" }));
  expect(await readdir(join(project.folder, "out"))).toEqual(["mine"]);
  await host.expectEmpty();
});
