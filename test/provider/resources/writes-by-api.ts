import { apiWrites } from "../../support/api-writes.ts";
import type { Lab } from "./lab.ts";

/** What was to change a free host through its API, but for the call that tells whether it may: that one changes nothing. */
export const writesByApi = (lab: Lab): string[] =>
  apiWrites(lab.raw.simulator).filter((method) => method !== "UpdateServicePolicy");
