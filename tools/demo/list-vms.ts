import { EsxiHost } from "../../provider/host/esxi-host.ts";
import { hostSettings } from "../../provider/runtime/stack-configuration.ts";
import type { DemoStack } from "./stack.ts";

/** Prints the virtual machines as the host itself tells them, whatever Pulumi's state says. */
export async function listVms(stack: Pick<DemoStack, "configuration">): Promise<void> {
  const configuration = stack.configuration();
  const host = new EsxiHost(hostSettings({ get: (key) => configuration.get(key) }, undefined, {}));
  try {
    const { product } = await host.facts();
    const vms = (await host.vms.inventory()).vms;
    console.log(`\nVirtual machines on ${host.name} (${product}), as the host tells it:`);
    const rows = [...vms]
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
      .map((vm) => [
        vm.moid,
        vm.name,
        vm.powerState,
        vm.defaultIpAddress ?? "–",
        vm.macAddresses.join(" "),
        `${vm.memory} MB`,
        vm.vmxPath,
      ]);
    console.log(
      rows.length === 0 ? "  none" : table(["id", "name", "power", "address", "MAC", "memory", "file"], rows),
    );
  } finally {
    await host.close();
  }
}

/** Rows under their heads, each column as wide as its widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return [head, ...rows].map((row) => `  ${line(row)}`.trimEnd()).join("\n");
}
