/** The name of the VM or other entity of a call, for fault rules and the request log. */

import type { HostContext } from "../host-context.ts";
import type { Leases } from "../lease/leases.ts";
import type { XmlElement } from "../soap/xml.ts";
import type { ReadCall } from "./dispatch.ts";

/** Where calls that make a VM have its name. */
const NAME_IN_CALL: Readonly<Record<string, readonly string[]>> = {
  CreateVM_Task: ["config", "name"],
  ImportVApp: ["spec", "configSpec", "name"],
  CreateImportSpec: ["cisp", "entityName"],
  RegisterVM_Task: ["name"],
};

/** Empty if the call has none. */
export function entityName(host: HostContext & { readonly leases: Leases }, read: ReadCall): string {
  const path = NAME_IN_CALL[read.method];
  if (path) return textAt(read.element, path);
  const lease = host.leases.find(read.target.value);
  if (lease) return lease.vmName;
  const task = host.tasks.info(read.target);
  if (task) return task.entityName ?? "";
  const name = host.objects.find(read.target.value)?.readers.name?.({ session: undefined });
  return typeof name === "string" ? name : "";
}

function textAt(element: XmlElement, path: readonly string[]): string {
  let at: XmlElement | undefined = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at?.text ?? "";
}
