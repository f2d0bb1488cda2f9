import type { TestContext } from "vitest";
import { type Prerequisite, type PrerequisiteName, prerequisites } from "../../tools/prerequisites/index.ts";

const prepared = new Map<PrerequisiteName, Promise<Prerequisite>>();

/**
 * The path of something that a test uses and this machine may lack; without it the test is skipped and
 * listed with the reason. `npm test` has prepared everything; a plain `vitest` prepares it here.
 *
 * @param context the test's own context: `test("…", async (context) => { … need(context, "TEST_GOVC") … })`
 */
export async function need(context: Pick<TestContext, "skip">, name: PrerequisiteName): Promise<string> {
  const found = await find(name);
  if (!found.available) return context.skip(found.reason);
  return found.path;
}

function find(name: PrerequisiteName): Promise<Prerequisite> {
  const path = process.env[name];
  if (path !== undefined) return Promise.resolve({ available: true, path });
  const reason = process.env[`${name}_MISSING`];
  if (reason !== undefined) return Promise.resolve({ available: false, reason });
  const known = prepared.get(name) ?? prerequisites[name]();
  prepared.set(name, known);
  return known;
}
