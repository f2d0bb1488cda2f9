import { isRead } from "../../../simulator/server/reads.ts";
import type { Lab } from "./lab.ts";

/**
 * Requests that a free host has got, and that its licence refuses to carry out; the one that tells whether it does is left
 * out, as it changes nothing.
 */
export function writesByApi(lab: Lab): string[] {
  const methods = lab.raw.simulator.requests.entries().map(({ method }) => method);
  return methods.filter(
    (method) => /^[A-Z]/.test(method) && !isRead(method) && method !== "UpdateServicePolicy",
  );
}
