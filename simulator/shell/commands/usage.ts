import type { Invocation } from "../invocation.ts";

/** What busybox says to an option that it has not. */
export async function badOption(
  { stderr }: Invocation,
  command: string,
  option: string | undefined,
): Promise<number> {
  await stderr(`${command}: unrecognized option '${option ?? ""}'\nBusyBox v1.29.3 multi-call binary.\n`);
  return 1;
}
