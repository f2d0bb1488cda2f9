/**
 * In what hosts differ, or nobody could say: every answer that a client has to work with. The first of each is the
 * usual one. `docs/simulator.md` says what each means.
 */
const ANSWERS = {
  /** MAC changes and forged transmits on a vSwitch whose security nobody has named. */
  switchSecurity: ["closed", "open"],
  /** Whom the highest order of starts counts: the machine that is added too, or only those in the list. */
  startOrderCounts: ["newcomers", "members"],
  /** Whether a machine gets an instance UUID when it is registered with a `.vmx` that has none. */
  registeredUuid: ["made", "empty"],
  /** Whether a machine can be registered under a name that another one has. */
  registeredName: ["shared", "unique"],
  /** Whether `vim-cmd` powers a machine on that was registered just now, or says once that it failed, and no more. */
  firstPowerOn: ["works", "fails"],
  /** How the name of a Network has `/`, `\` and `%`: as it was given, or escaped like that of a VM. */
  networkNames: ["plain", "escaped"],
  /** What a host says of files on a datastore that is away. */
  awayFiles: ["InaccessibleDatastore", "FileNotFound"],
  /** How a lease tells which certificate its endpoint has. */
  leaseCertificate: ["sha1", "sha256", "whole"],
  /** Whether `CopyVirtualDisk_Task` copies a disk on which one of a running machine builds. */
  frozenDiskCopy: ["allowed", "refused"],
  /** What `ls` makes of names that are not ASCII: each byte of them may be a question mark. */
  lsNames: ["whole", "masked"],
  /** Whether `/folder` takes files on a free licence, which the API does not. */
  freeFolderWrites: ["taken", "refused"],
  /** Whether a lease fetches its files from web servers for itself (`HttpNfcLeasePullFromUrls_Task`). */
  pullFromUrls: ["refused", "taken"],
  /** In what units of 1024 `esxcli` takes the size of bursts. */
  burstUnit: ["bits", "bytes"],
} as const;

export type Behaviour = { readonly [K in keyof typeof ANSWERS]: (typeof ANSWERS)[K][number] };

const USUAL: Behaviour = {
  switchSecurity: "closed",
  startOrderCounts: "newcomers",
  registeredUuid: "made",
  registeredName: "shared",
  firstPowerOn: "works",
  networkNames: "plain",
  awayFiles: "InaccessibleDatastore",
  leaseCertificate: "sha1",
  frozenDiskCopy: "allowed",
  lsNames: "whole",
  freeFolderWrites: "taken",
  pullFromUrls: "refused",
  burstUnit: "bits",
};

/** The usual behaviour, but for what is asked. */
export function behaviourOf(asked: Partial<Behaviour> = {}): Behaviour {
  return { ...USUAL, ...asked };
}

/**
 * What `--behaviour switchSecurity=open` asks for.
 *
 * @throws Error that lists what there is.
 */
export function parseBehaviour(words: readonly string[]): Partial<Behaviour> {
  const entries = words.map((word) => {
    const [name = "", answer = ""] = word.split("=");
    const known = Object.entries(ANSWERS).find(([one]) => one === name)?.[1];
    if (known?.some((one) => one === answer)) return [name, answer];
    const all = Object.entries(ANSWERS).map(([one, answers]) => `${one}=${answers.join("|")}`);
    throw new Error(`--behaviour ${word}: there is no such behaviour. There is ${all.join(", ")}`);
  });
  return Object.fromEntries(entries);
}
