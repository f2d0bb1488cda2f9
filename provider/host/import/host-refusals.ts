import type { OvfCreateImportSpecResult } from "../../../schema/index.ts";
import type { Refusal } from "../../ovf/relax/refusals.ts";

type Faults = NonNullable<OvfCreateImportSpecResult["error"]>;

/** The parts of a descriptor that a host refuses, as far as its faults name line, element and item. */
export function refusalsAmong(faults: Faults): readonly Refusal[] {
  return faults.map(({ fault }) => {
    const type = fault.$type ?? "";
    // The types of faults have different properties for what is wrong. A fault of an item has the item's name.
    const instanceId = textOf(fault, "instanceId");
    return {
      fault: type,
      line: Number(Reflect.get(fault, "lineNumber") ?? 0),
      element: instanceId === "" ? textOf(fault, "elementName") || textOf(fault, "name") : "",
      instanceId,
    };
  });
}

/** A sentence for each fault, without its full stop. Hosts end their texts in different ways. */
export function said(faults: Faults | undefined): string {
  return (faults ?? [])
    .map((each) =>
      (each.localizedMessage ?? each.fault.$type ?? "it gave no reason").replace(/[\s.]{1,9}$/, ""),
    )
    .join("; ");
}

function textOf(fault: object, name: string): string {
  const value: unknown = Reflect.get(fault, name);
  return typeof value === "string" ? value : "";
}
