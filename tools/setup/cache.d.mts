/** The checkout (or package) that this file belongs to, without a slash at the end. */
export const root: string;

/**
 * The folder for what is built or downloaded once per machine and outlives the checkout:
 * `PULUMI_ESXI_CACHE`, else `pulumi-esxi-direct` under `XDG_CACHE_HOME` (default `~/.cache`).
 */
export function cacheFolder(): string;
