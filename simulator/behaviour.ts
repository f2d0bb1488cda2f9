/**
 * Behaviour in which hosts differ, or which is not known for sure. A client must work with every answer. The first of
 * each is the usual one. `docs/simulator.md` explains each.
 */
const ANSWERS = {
  /** MAC changes and forged transmits on a new vSwitch, if the client does not set its security. */
  switchSecurity: ["closed", "open"],
  /** Whether the highest start order counts the machine that is added, or only machines that are in the list. */
  startOrderCounts: ["newcomers", "members"],
  /** Whether a machine gets an instance UUID when it is registered and its `.vmx` has none. */
  registeredUuid: ["made", "empty"],
  /** Whether two machines can be registered under the same name. */
  registeredName: ["shared", "unique"],
  /** Whether the first `vim-cmd` power-on of a machine that was just registered works, or fails once. */
  firstPowerOn: ["works", "fails"],
  /** How `/`, `\` and `%` in the name of a Network are shown: as they were given, or escaped as in the name of a VM. */
  networkNames: ["plain", "escaped"],
  /** The fault for files on a datastore that is away. */
  awayFiles: ["InaccessibleDatastore", "FileNotFound"],
  /** How a lease identifies the certificate of its endpoint. */
  leaseCertificate: ["sha1", "sha256", "whole"],
  /** Whether `CopyVirtualDisk_Task` copies a disk on which a disk of a running machine builds. */
  frozenDiskCopy: ["allowed", "refused"],
  /** How `ls` prints names that are not ASCII: as they are, or with a question mark for each byte. */
  lsNames: ["whole", "masked"],
  /** Whether `/folder` accepts files on a free licence. The API does not. */
  freeFolderWrites: ["taken", "refused"],
  /** Whether a lease fetches its files from web servers itself (`HttpNfcLeasePullFromUrls_Task`). */
  pullFromUrls: ["refused", "taken"],
  /** The unit of which `esxcli` takes 1024 for the size of bursts. */
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

/** The usual behaviour, with the given exceptions. */
export function behaviourOf(asked: Partial<Behaviour> = {}): Behaviour {
  return { ...USUAL, ...asked };
}

/**
 * Parses arguments such as `--behaviour switchSecurity=open`.
 *
 * @throws Error that lists the possible answers.
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
