/** The host's CPU and memory. */
export const CPU = {
  model: "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz",
  mhz: 2095,
  packages: 2,
  cores: 32,
  threads: 64,
};
export const MEMORY_BYTES = 256 * 1024 ** 3;

/** The totals, in the units of allocations. */
export const TOTAL = { mhz: CPU.mhz * CPU.cores, megabytes: Math.floor(MEMORY_BYTES / 1024 ** 2) };
