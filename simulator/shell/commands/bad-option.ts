import type { Invocation } from "../invocation.ts";

/** The message of busybox for an option that it does not have. */
export async function badOption(
  { stderr }: Invocation,
  command: string,
  option: string | undefined,
): Promise<number> {
  await stderr(`${command}: unrecognized option '${option ?? ""}'\nBusyBox v1.29.3 multi-call binary.\n`);
  return 1;
}
