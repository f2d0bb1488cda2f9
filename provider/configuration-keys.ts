/** The keys of one host: in `esxi:<key>` for the only host, in `esxi:hosts` for several. */
const REACHING_KEYS = ["host", "username", "password", "thumbprint", "caFile", "insecure"] as const;

/** Apply to all hosts unless one says otherwise. */
export const CAP_KEYS = [
  "maxTransfers",
  "maxCopies",
  "maxTasks",
  "maxCalls",
  "maxBoots",
  "bootSeconds",
] as const;

/** The keys that say how to log in to a host over SSH. */
export const SSH_KEYS = [
  "transport",
  "sshPort",
  "sshUsername",
  "sshPassword",
  "sshKeyFile",
  "sshPrivateKey",
  "sshPassphrase",
  "sshAgent",
  "sshHostKey",
  "sshKnownHosts",
  "sshTrustOnFirstUse",
  "sshMaxChannels",
  "sshHotChanges",
  "sshJumpHost",
  "sshJumpPassword",
  "sshJumpKeyFile",
  "sshJumpPrivateKey",
  "sshJumpPassphrase",
  "sshJumpHostKey",
] as const;

/** Every key that says something about a host. */
export const HOST_KEYS = [...REACHING_KEYS, "gone", ...CAP_KEYS, ...SSH_KEYS] as const;

/** `ESXI_PASSWORD` for the only host, `ESXI_LAB_1_PASSWORD` for the one that esxi:hosts calls `lab-1`. */
export function variableOf(key: (typeof HOST_KEYS)[number], host: string | undefined): string {
  return ["ESXI", ...(host === undefined ? [] : [host]), key].map(inCapitals).join("_");
}

const inCapitals = (text: string) =>
  text
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();

/** Every key of the configuration's namespace `esxi`. */
export const ESXI_KEYS: readonly string[] = [...HOST_KEYS, "hosts", "takeBack", "checkHost"];
