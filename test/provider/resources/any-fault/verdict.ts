/** What becomes of a run that meets a fault: the table's promise for each. */
import type { Draw } from "./draw.ts";
import { isReading } from "./faults.ts";
import type { Step } from "./row.ts";

/** Whether the same run reaches what was asked for, or fails and the next one does; `either` where it depends on the moment. */
type Verdict = "same" | "next" | "either";

/** Before a host has ever answered, it is more likely misnamed or off than busy: that is said at once. */
const FIRST = /^(Login|RetrieveServiceContent)$/;
/** Transfers and imports begin anew, and what may be done twice is. */
const REPEATED =
  /^(nfc|folder|ImportVApp|HttpNfcLeaseComplete|DeleteDatastoreFile_Task|RetrieveProperties.*)$/;
/** What makes something of a name is looked for when no answer came. */
const LOOKED_FOR =
  /^(CreateVM_Task|RegisterVM_Task|MoveDatastoreFile_Task|AddPortGroup|AddVirtualSwitch|CreateResourcePool|ssh\.exec 'vim-cmd' 'solo\/registervm'.*)$/;
/** What is tried again in another way, or with the next step; the question about the licence with the next thing that is written. */
const TRIED_AGAIN =
  /^UpdateServicePolicy$|(Create|Remove)Snapshot_Task|snapshot\.remove|snapshot\.create' '\d+' 'pulumi-esxi-direct copies|PowerOnVM_Task|ShutdownGuest|power\.(shutdown|on|off)|vmsvc\/unregister|rmdir|ssh\.exec .*(pulumi-esxi-direct-|pulumi-uploading-|'mkdir' '-p'|'rm' '-rf')/;

/** Commands after which the API is asked until it shows what they have done: without an answer they are run again. */
const CONFIRMED =
  /^ssh\.exec ('esxcli'|'vim-cmd' '(hostsvc\/|vmsvc\/snapshot)|'(cat|rm)' .*\.pulumi-esxi-direct-|'cat' .*'vmsvc\/reload'|'vim-cmd' 'vmsvc\/reload')/;
export function verdictOn(step: Step, { fault: { name }, request }: Draw): Verdict {
  if (/^(a busy host|an ended session|a login refused under load)$/.test(name)) return "same";
  if (/^(\^C|a kill|a full datastore)/.test(name) || TRIED_AGAIN.test(request)) return "either";
  const isLost = name.startsWith("a lost answer");
  const isUnanswered = name === "a cut connection" || isLost;
  if (isReading(request)) {
    if (FIRST.test(request)) return "next";
    return isUnanswered && !request.startsWith("ssh.") ? "same" : "either";
  }
  if (isUnanswered && REPEATED.test(request)) return "same";
  if (isUnanswered && CONFIRMED.test(request)) return "same";
  if (request === "MakeDirectory" && isUnanswered) return "either";
  if (isLost && step !== "delete" && LOOKED_FOR.test(request)) return "same";
  // Whether a folder that is to go has its other name yet depends on when it is looked for.
  if (isLost && request === "MoveDatastoreFile_Task") return "either";
  return "next";
}
