import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SimulatedHost } from "../../support/simulated-host.ts";

/**
 * Changes a machine's .vmx file, and the descriptor of its first disk, as somebody with a text editor on the host does
 * while it is switched off.
 */
export async function editFiles(
  raw: SimulatedHost,
  name: string,
  edit: { readonly vmx?: (text: string) => string; readonly disk?: (text: string) => string },
): Promise<void> {
  const { vmxPath } = raw.vm(name);
  const [disk = ""] = raw.diskPaths(name);
  const descriptor = raw.simulator.diskFile(disk).replace(/-flat\.vmdk$/, ".vmdk");
  const vmx = join(dirname(descriptor), vmxPath.slice(vmxPath.lastIndexOf("/") + 1));
  await raw.restart({});
  if (edit.vmx) await change(vmx, edit.vmx);
  if (edit.disk) await change(descriptor, edit.disk);
  await raw.restart({});
}

async function change(file: string, edit: (text: string) => string): Promise<void> {
  await writeFile(file, edit(await readFile(file, "utf8")));
}
