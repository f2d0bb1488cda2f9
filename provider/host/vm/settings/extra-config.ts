import type { OptionValue } from "../../../../schema/index.ts";
import { create } from "../../../vim/codec/objects.ts";
import type { Facet } from "./facet.ts";

/** Advanced settings by key; the empty text stands for a key that the machine is not to have. */
export const extraConfig: Facet<Readonly<Record<string, string>>> = {
  observe: (vm, wish) =>
    Object.fromEntries(Object.keys(wish).map((key) => [key, vm.extraConfig.get(key) ?? ""])),
  spec: (vm, wish) => ({
    extraConfig: optionValues(
      Object.fromEntries(
        Object.entries(wish).filter(([key, value]) => (vm.extraConfig.get(key) ?? "") !== value),
      ),
    ),
  }),
  needsOff: () => false,
};

/** Advanced settings as the API takes them. */
function optionValues(settings: Readonly<Record<string, string>>): OptionValue[] {
  return Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));
}
