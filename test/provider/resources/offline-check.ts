import type { Context, Lifecycle, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { connectTo } from "../../support/esxi-host.ts";

/** What a check says of a program's settings: failures as `property: reason`, and warnings. No host is asked. */
export async function offlineCheck(
  lifecycle: Lifecycle,
  settings: Properties,
): Promise<{ readonly inputs: Properties; readonly failures: string[]; readonly warnings: string[] }> {
  const warnings: string[] = [];
  const nobody = { url: "https://127.0.0.1:9", username: "root", password: "x", thumbprint: "00".repeat(32) };
  const host = connectTo(nobody);
  const context: Context = {
    progress: { status: () => {}, info: () => {}, warn: (text) => void warnings.push(text) },
    signal: new AbortController().signal,
    projectFolder: "/",
    host: () => host,
  };
  const { inputs, failures } = await lifecycle.check({}, { name: "vm", ...settings }, context);
  return { inputs, failures: failures.map(({ property, reason }) => `${property}: ${reason}`), warnings };
}
