import { scalarFacet } from "./scalar-facet.ts";

/** Notes. */
export const annotation = scalarFacet<string>({
  read: (vm) => vm.annotation,
  write: (text) => ({ annotation: text }),
});
