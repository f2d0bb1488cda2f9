import { join } from "node:path";
import { say } from "../setup/command.ts";
import { madeOnce } from "../setup/once.ts";
import { buildGoProgram, digestOf, type GoProgram, runGo } from "./go-build.ts";

const MODULE = "govmomi";
const SMALLER: readonly string[] = ["-ldflags", "-s -w"];
const VCSIM: GoProgram = { module: MODULE, package: "./vcsim", flags: SMALLER, binary: "vcsim" };
const GOVC: GoProgram = { module: MODULE, package: "./govc", flags: SMALLER, binary: "govc" };

/**
 * The path of vcsim, govmomi's simulator with a command line of our own (tools/cli/go/govmomi/vcsim);
 * built when it is not in the cache.
 *
 * @throws GoBuildError when there is no Go or the build fails.
 */
export function ensureVcsim(): Promise<string> {
  return ensure(VCSIM);
}

/**
 * The path of govc, govmomi's command line; built when it is not in the cache.
 *
 * @throws GoBuildError when there is no Go or the build fails.
 */
export function ensureGovc(): Promise<string> {
  return ensure(GOVC);
}

async function ensure(program: GoProgram): Promise<string> {
  const folder = await madeOnce(`govmomi/${program.binary}-${digestOf([program])}`, async (draft) => {
    say(`Building ${program.binary} from Go modules, once for this machine…`);
    await buildGoProgram(program, draft);
  });
  return join(folder, program.binary);
}

/**
 * The path of a real OVA that others made: ttylinux, which the Go module govmomi carries. It lies in Go's
 * module cache and is read-only.
 *
 * @throws GoBuildError when there is no Go or the module cannot be had.
 */
export async function ensureTtylinuxOva(): Promise<string> {
  const answer = await runGo(MODULE, ["mod", "download", "-json", "github.com/vmware/govmomi"]);
  const { Dir: folder }: { Dir: string } = JSON.parse(answer);
  return join(folder, "vapi/library/testdata/ttylinux-pc_i486-16.1.ova");
}
