import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Debian's packages ask this program whether they may start a service; 101 means no. */
const POLICY = "/usr/sbin/policy-rc.d";
const NO = "#!/bin/sh\n# Made while the tests of pulumi-esxi-direct install a package.\nexit 101\n";

/**
 * Does something, such as installing a package, while no package may start a service. A machine that has a rule of its
 * own about that keeps it.
 *
 * @param policy The program's path, for tests.
 */
export async function withoutServices<T>(work: () => Promise<T>, policy = POLICY): Promise<T> {
  const rule = textOf(policy);
  // Ours may be left from a run that was killed.
  if (rule !== undefined && rule !== NO) return work();
  writeFileSync(policy, NO, { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(policy, { force: true });
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
