/** The beginning of the keys under which this package keeps things in a machine's advanced settings. */
const PREFIX = "pulumi-esxi-direct.";

/** Whether a key is one of this package's own. Hosts do not heed the case of keys. */
export const isOwnKey = (key: string): boolean => key.trim().toLowerCase().startsWith(PREFIX);
