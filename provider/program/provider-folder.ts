import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { PACKAGE } from "./provider-text.ts";

/** Thrown by a resource's constructor if Pulumi would run its provider where this package cannot be found. */
class ProviderFolderError extends pulumi.RunError {
  constructor(folder: string, missing: string, isInline: boolean) {
    const remedy = isInline
      ? "An inline program needs a `main`: a folder whose package.json depends on both packages. Give it with\n" +
        '    projectSettings: { name: "lab", runtime: "nodejs", main: import.meta.dirname }'
      : `Add ${missing} to the dependencies in the package.json of that folder, and install it.`;
    super(
      `Pulumi runs the provider of ${PACKAGE} in ${folder} and cannot find ${missing} from there. ` +
        `Nothing was done. ${remedy}`,
    );
    this.name = "ProviderFolderError";
  }
}

/** The packages that Pulumi, and then the provider text, load from the provider's folder. */
const NEEDED = { "@pulumi/pulumi": "@pulumi/pulumi/cmd/dynamic-provider", [PACKAGE]: `${PACKAGE}/runtime` };

/** Read when the package is loaded, because a program may change its folder afterwards. */
const folderAtStart = process.cwd();

const inlineFolder = new AsyncLocalStorage<string>();
const found = new Set<string>();

watchInlinePrograms();

/**
 * Refuses a program whose provider could not start. Pulumi's own message would only say that a process died, without
 * the folder and without what to do.
 * @throws ProviderFolderError
 */
export function refuseUnreachableProvider(): void {
  const inline = inlineFolder.getStore();
  // The CLI sets this for the program that it runs. Without it there is no engine, as in a unit test.
  const folder = inline ?? (process.env.PULUMI_NODEJS_MONITOR ? folderAtStart : undefined);
  if (folder === undefined || found.has(folder)) return;
  const { resolve } = createRequire(join(folder, "program.js"));
  for (const [name, file] of Object.entries(NEEDED)) {
    try {
      resolve(file);
    } catch {
      throw new ProviderFolderError(folder, name, inline !== undefined);
    }
  }
  found.add(folder);
}

/**
 * Notes for each inline program of the Automation API the folder in which Pulumi runs its provider, which is that of
 * the project's `main`. Pulumi tells it only the SDK's server for such programs, and that server keeps it private. If
 * the server is built differently, or is in a bundle, the folder stays unknown.
 */
function watchInlinePrograms(): void {
  const server = serverOfInlinePrograms();
  const run: unknown = Reflect.get(server, "run");
  if (typeof run !== "function") return;
  Reflect.set(server, "run", function runNoted(this: unknown, call: RunCall, ...rest: unknown[]): unknown {
    const folder = call.request?.getPwd?.();
    const runAsBefore = (): unknown => run.call(this, call, ...rest);
    return folder ? inlineFolder.run(folder, runAsBefore) : runAsBefore();
  });
}

interface RunCall {
  readonly request?: { getPwd?(): string };
}

function serverOfInlinePrograms(): object {
  try {
    const server: { LanguageServer?: { prototype: object } } = createRequire(import.meta.url)(
      "@pulumi/pulumi/automation/server.js",
    );
    return server.LanguageServer?.prototype ?? {};
  } catch {
    return {};
  }
}
