import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, type TestContext, test } from "vitest";
import { type CommandResult, runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";
import { startVcsim, type Vcsim, type VcsimOptions } from "../../support/vcsim.ts";

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(context: TestContext, options: Partial<VcsimOptions> = {}): Promise<Vcsim> {
  const vcsim = await startVcsim({
    program: await need(context, "TEST_VCSIM"),
    password: "secret",
    ...options,
  });
  cleanUps.push(vcsim.stop);
  return vcsim;
}

/** govc with its sessions and thumbprints in a folder of its own, else it would go on with an earlier login. */
async function govc(
  context: TestContext,
  vcsim: Vcsim,
  args: string[],
  password = "secret",
): Promise<CommandResult> {
  const home = mkdtempSync(join(tmpdir(), "govc-test-"));
  cleanUps.push(() => rmSync(home, { recursive: true, force: true }));
  const env = {
    ...process.env,
    GOVMOMI_HOME: home,
    GOVC_PERSIST_SESSION: "false",
    GOVC_URL: vcsim.url,
    GOVC_USERNAME: vcsim.username,
    GOVC_PASSWORD: password,
    GOVC_INSECURE: "true",
  };
  return runCommand(await need(context, "TEST_GOVC"), args, { env, timeoutMs: 30_000 });
}

test("vcsim serves an ESXi host to govc, with the datastores that it was told", async (context) => {
  const vcsim = await start(context, { datastores: 2 });
  expect((await govc(context, vcsim, ["about"])).stdout).toContain("API type:     HostAgent");
  const datastores = await govc(context, vcsim, ["ls", "datastore"]);
  expect(datastores.stdout).toBe("/ha-datacenter/datastore/LocalDS_0\n/ha-datacenter/datastore/LocalDS_1\n");
});

test("vcsim refuses a wrong password", async (context) => {
  const vcsim = await start(context);
  const result = await govc(context, vcsim, ["about"], "wrong");
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("Login failure");
});

test("vcsim fails the calls that a rule names, as often as it says", async (context) => {
  const faults = [{ method: "CreateVM_Task", type: "ResourceInUse", message: "busy", count: 1 }];
  const vcsim = await start(context, { faults });
  const create = ["vm.create", "-on=false", "-net", "VM Network", "tiny"];
  expect((await govc(context, vcsim, create)).stderr).toContain("busy");
  expect((await govc(context, vcsim, create)).code).toBe(0);
});

test("govc deploys a real OVA that others made to vcsim", async (context) => {
  const vcsim = await start(context);
  const ova = await need(context, "TEST_TTYLINUX_OVA");
  expect(await govc(context, vcsim, ["import.ova", "-name", "real", ova])).toMatchObject({ code: 0 });
  expect((await govc(context, vcsim, ["ls", "vm"])).stdout).toBe("/ha-datacenter/vm/real\n");
});
