/** Settings of the VM that VMware adds to a VirtualHardwareSection: `vmw:Config` and `vmw:ExtraConfig`. */
import type { OptionValue, VirtualMachineConfigSpec } from "../../schema/index.ts";
import { setConfigPath } from "./config-path.ts";
import { invalidAttributeValue, unknownConfig } from "./descriptor/descriptor-faults.ts";
import { RESOURCE, readConfigs } from "./descriptor/hardware-item.ts";
import type { XmlElement } from "./descriptor/xml-with-lines.ts";
import { hostResourceId, type ImportContext } from "./import-context.ts";
import { NVRAM_KEY, nvramImportKey } from "./import-key.ts";

/** The settings of a VM that a descriptor may give. The importer decides the others. */
const SETTABLE = new Set([
  "bootOptions",
  "cpuAllocation",
  "cpuHotAddEnabled",
  "cpuHotRemoveEnabled",
  "firmware",
  "flags",
  "memoryAllocation",
  "memoryHotAddEnabled",
  "memoryReservationLockedToMax",
  "nestedHVEnabled",
  "powerOpInfo",
  "simultaneousThreads",
  "tools",
  "virtualICH7MPresent",
  "virtualSMCPresent",
  "vPMCEnabled",
]);
const FIRMWARES = ["bios", "efi"];

export function applySettings(
  context: ImportContext,
  spec: VirtualMachineConfigSpec,
  section: XmlElement,
): void {
  for (const { key, value, required, element } of readConfigs(section, "Config")) {
    const known = SETTABLE.has(key.split(".")[0] ?? "") && (key !== "firmware" || FIRMWARES.includes(value));
    if (!known || !setConfigPath(spec, "VirtualMachineConfigSpec", key, value)) {
      context.problems.report(required, unknownConfig(element, key));
    }
  }
  const options: OptionValue[] = [];
  for (const { key, value, element } of readConfigs(section, "ExtraConfig")) {
    if (key === NVRAM_KEY) addNvram(context, value, element);
    options.push({ $type: "OptionValue", key, value });
  }
  if (options.length > 0) spec.extraConfig = options;
}

/** The NVRAM may be a file of the package. */
function addNvram(context: ImportContext, value: string, element: XmlElement): void {
  const id = hostResourceId(value, "file");
  if (id === undefined) return;
  const file = context.references.files.get(id);
  if (file === undefined) {
    context.problems.error(invalidAttributeValue("OvfInvalidValueReference", element, "value", value));
  } else context.addFile(file, nvramImportKey(context.vmName), RESOURCE.other, true);
}
