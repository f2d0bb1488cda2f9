/** The newest virtual hardware of each ESXi release, newest release first. */
const NEWEST: readonly (readonly [release: string, version: number])[] = [
  ["9.0", 22],
  ["8.0.2", 21],
  ["8.0", 20],
  ["7.0.2", 19],
  ["7.0.1", 18],
  ["7.0", 17],
  ["6.7.2", 15],
  ["6.7", 14],
  ["6.5", 13],
];

/** The version of ESX 3, the oldest that hosts still run. */
const OLDEST = 4;

/**
 * Versions that an ESXi host runs. The numbers between them belong to VMware's desktop products, or were never used.
 */
export const HARDWARE_VERSIONS: readonly number[] = [4, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21, 22];

/** The number in `vmx-21`. 0 if there is none. */
export function parseHardwareVersion(version: string | undefined): number {
  return Number(/^vmx-(\d+)$/.exec(version ?? "")?.[1] ?? 0);
}

/** As the API writes it, with at least two digits. */
export function formatHardwareVersion(number: number): string {
  return `vmx-${String(number).padStart(2, "0")}`;
}

/** Why a host of that API version cannot run the hardware version of a program. Undefined if it can. */
export function hardwareVersionProblem(number: number, apiVersion: string): string | undefined {
  const why = tooNewHardware(number, apiVersion);
  return why === undefined ? undefined : `hardwareVersion ${number} is newer than what the host runs: ${why}`;
}

/**
 * Which hardware a host of that API version (`about.apiVersion`, "8.0.3.0") runs at most, if it cannot run that one.
 * Undefined if it can, or if it is newer than all releases listed here.
 */
export function tooNewHardware(number: number, apiVersion: string): string | undefined {
  const index = NEWEST.findIndex(([release]) => compare(apiVersion, release) >= 0);
  const newest = NEWEST[index]?.[1];
  const isNewerThanTheTable = index === 0 && compare(apiVersion.split(".").slice(0, 2).join("."), "9.0") > 0;
  if (newest === undefined || isNewerThanTheTable || number <= newest) return undefined;
  const since = NEWEST.findLast(([, version]) => version >= number)?.[0];
  return `ESXi ${apiVersion} runs up to ${newest}${since === undefined ? "" : `, ${number} needs ESXi ${since}`}`;
}

/** Whether a host of that API version runs that hardware, as far as this table knows. */
export const isRun = (number: number, apiVersion: string): boolean =>
  number >= OLDEST && tooNewHardware(number, apiVersion) === undefined;

/**
 * The newest virtual hardware that this table knows for a host of that API version. For hosts older than the table, its
 * oldest.
 */
export function newestHardwareVersion(apiVersion: string): number {
  const known = NEWEST.find(([release]) => compare(apiVersion, release) >= 0) ?? NEWEST.at(-1);
  return known?.[1] ?? 0;
}

function compare(left: string, right: string): number {
  const [a, b] = [left, right].map((text) => text.split(".").map(Number));
  for (const [index, part] of (b ?? []).entries()) {
    const difference = (a?.[index] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}
