import { isFault } from "../vim/faults.ts";

/** How a host spells a VM's name on the wire: `%`, `/` and `\` are escaped, everything else stays. */
export function encodeVmName(name: string): string {
  return name.replaceAll("%", "%25").replaceAll("/", "%2f").replaceAll("\\", "%5c");
}

/** The name as people see it. */
export function decodeVmName(name: string): string {
  return name.replaceAll(/%(25|2f|5c)/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** True if the host refused a name because another machine has it. */
export const isNameTaken = (error: unknown): boolean => isFault(error, "DuplicateName");
