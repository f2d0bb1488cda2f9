/** What the keys begin with under which this package remembers things in a machine's advanced settings. */
const PREFIX = "pulumi-esxi-direct.";

/** Whether a key is one of this package's own; hosts take no notice of the case of keys. */
export const isOwnKey = (key: string): boolean => key.trim().toLowerCase().startsWith(PREFIX);
