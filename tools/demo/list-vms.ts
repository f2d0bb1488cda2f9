import { EsxiHost } from "../../provider/host/esxi-host.ts";
import { hostSettings } from "../../provider/runtime/host-settings.ts";
import type { DemoStack } from "./stack.ts";

/** Prints the virtual machines as the host itself tells them, whatever Pulumi's state says. */
export async function listVms(stack: DemoStack): Promise<void> {
  const host = new EsxiHost(hostSettings({ get: (key) => stack.config(key) }, undefined, {}));
  try {
    const { product } = await host.facts();
    const vms = await host.vms.all();
    console.log(`\nVirtual machines on ${host.name} (${product}), as the host tells it:`);
    console.table(
      [...vms]
        .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
        .map((vm) => ({
          id: vm.moid,
          name: vm.name,
          power: vm.powerState,
          address: vm.defaultIpAddress ?? "",
          mac: vm.macAddresses.join(" "),
          "memory (MB)": vm.memory,
          file: vm.vmxPath,
        })),
    );
  } finally {
    await host.close();
  }
}
