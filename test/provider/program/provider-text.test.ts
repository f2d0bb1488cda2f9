import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { providerText } from "../../../provider/program/provider-text.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

const METHODS = ["check", "diff", "create", "read", "update", "delete"] as const;
type Handler = Record<(typeof METHODS)[number] | "configure", (...args: unknown[]) => Promise<unknown>>;

let folder: TemporaryFolder | undefined;

afterEach(() => folder?.remove());

test("the provider text is what every state in the world holds", () => {
  expect(providerText("OvaDeployment")).toBe(
    'let c;const r=async(m,a)=>(await import("pulumi-esxi-direct/runtime")).dispatch("OvaDeployment",m,c,a);' +
      'exports.handler=()=>({configure:async q=>{c=q.config},check:(...a)=>r("check",a),' +
      'diff:(...a)=>r("diff",a),create:(...a)=>r("create",a),read:(...a)=>r("read",a),' +
      'update:(...a)=>r("update",a),delete:(...a)=>r("delete",a)});',
  );
});

test("the provider text hands every call on to the installed package, with the configuration", async () => {
  const handler = await loadAsPulumiDoes(providerText("OvaDeployment"));
  await handler.configure({ config: "the configuration" });
  for (const method of METHODS) {
    const call = await handler[method]("id", { olds: 1 }, { news: 2 });
    expect(call).toEqual(["OvaDeployment", method, "the configuration", ["id", { olds: 1 }, { news: 2 }]]);
  }
});

test("a create that comes before configure has ended has the configuration", async () => {
  const handler = await loadAsPulumiDoes(providerText("OvaDeployment"));
  const configured = handler.configure({ config: "the configuration" });
  const created = handler.create({ name: "vm" });
  expect(await created).toEqual(["OvaDeployment", "create", "the configuration", [{ name: "vm" }]]);
  await configured;
});

/** Evaluates the text as a CommonJS module of a project whose installed package answers with how it was called. */
async function loadAsPulumiDoes(text: string): Promise<Handler> {
  folder = await temporaryFolder();
  const installed = join(folder.path, "node_modules/pulumi-esxi-direct");
  await mkdir(installed, { recursive: true });
  await writeFile(
    join(installed, "package.json"),
    JSON.stringify({ type: "module", exports: { "./runtime": "./runtime.js" } }),
  );
  await writeFile(join(installed, "runtime.js"), "export const dispatch = async (...call) => call;");
  await folder.write("state.cjs", text);
  const { handler } = createRequire(join(folder.path, "process.cjs"))("./state.cjs") as {
    handler: () => Handler;
  };
  return handler();
}
