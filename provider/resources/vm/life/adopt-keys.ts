/** What a machine that is to be taken over can be named by. */
export const ADOPT_KEYS = ["name", "instanceUuid", "vmxPath"] as const;
