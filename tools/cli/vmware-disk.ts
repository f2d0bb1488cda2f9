import { join } from "node:path";
import { GoBuildError, runGo } from "./go-build.ts";

const MODULE = "github.com/vmware/go-vcloud-director/v2@v2.26.1";
const MODULE_SUM = "h1:NMhV0nrLxdjfUjE89txI8P+rjWM3oxhO7o6I4w/MvGA=";

/**
 * The path of a real streamOptimized disk that VMware's own tools wrote (15 MB, its grain directory at the end), which
 * the Go module go-vcloud-director carries. It lies in Go's module cache and is read-only.
 *
 * @throws GoBuildError when there is no Go, or the module cannot be had or is not the expected one.
 */
export async function ensureVmwareDisk(): Promise<string> {
  const answer = await runGo("govmomi", ["mod", "download", "-json", MODULE]);
  const { Dir: folder, Sum: sum }: { Dir: string; Sum: string } = JSON.parse(answer);
  if (sum !== MODULE_SUM)
    throw new GoBuildError(`${MODULE} is not the module that the tests were written for.`);
  return join(folder, "test-resources/test_vapp_template_ovf/yVMFromVcd-disk1.vmdk");
}
