/** Network cards of a descriptor's hardware, and the host's networks for them. */
import type { VirtualEthernetCard } from "../../../schema/index.ts";
import {
  invalidElementValue,
  missingElement,
  noHostNic,
  unsupportedSubType,
} from "../descriptor/descriptor-faults.ts";
import type { HardwareItem } from "../descriptor/hardware-item.ts";
import { connectInfo, description, type ImportContext } from "../import-context.ts";
import type { ImportNetwork } from "../import-host.ts";

const CARDS: Readonly<Record<string, string>> = {
  e1000: "VirtualE1000",
  e1000e: "VirtualE1000e",
  pcnet32: "VirtualPCNet32",
  vmxnet: "VirtualVmxnet",
  vmxnet2: "VirtualVmxnet2",
  vmxnet3: "VirtualVmxnet3",
};
const DEFAULT_CARD = "VirtualE1000";
const MAC_ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

export function addNetworkCard(context: ImportContext, item: HardwareItem): void {
  const $type =
    item.subTypes.length === 0
      ? DEFAULT_CARD
      : item.subTypes.map((name) => CARDS[name]).find((one) => one !== undefined);
  if ($type === undefined) {
    context.problems.report(item.required, unsupportedSubType(item, item.text("ResourceSubType") ?? ""));
    return;
  }
  const network = findNetwork(context, item);
  if (network === undefined) return;
  const address = item.text("Address") ?? "";
  const manual = MAC_ADDRESS.test(address);
  const device: VirtualEthernetCard & { readonly $type: string } = {
    $type,
    key: context.nextKey(),
    deviceInfo: description(item, network.name),
    backing: backing(network),
    connectable: connectInfo(item),
    addressType: manual ? "manual" : "generated",
    ...(manual ? { macAddress: address.toLowerCase() } : {}),
    wakeOnLanEnabled: true,
  };
  context.addDevice(device, item);
}

function backing({ name, moref }: ImportNetwork) {
  return { $type: "VirtualEthernetCardNetworkBackingInfo", deviceName: name, network: moref };
}

/** The mapped network, otherwise the one of the same name, otherwise the host's first, with a warning. */
function findNetwork(context: ImportContext, item: HardwareItem): ImportNetwork | undefined {
  const { problems, references, networkMapping, host } = context;
  const connection = item.field("Connection");
  if (connection === undefined) {
    problems.error(missingElement(item.line, "Connection"));
    return undefined;
  }
  const name = connection.text.trim();
  if (!references.networks.has(name)) {
    problems.error(invalidElementValue(connection));
    return undefined;
  }
  const mapped = networkMapping.get(name);
  const found = host.networks.find((one) => (mapped ? one.moref.value === mapped.value : one.name === name));
  if (found !== undefined) return found;
  const [first] = host.networks;
  if (first === undefined) problems.error(noHostNic(item));
  else problems.warn(invalidElementValue(connection));
  return first;
}
