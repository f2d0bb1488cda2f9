import { VimFault } from "../vim/faults.ts";
import { printable } from "./printable.ts";

/** What to do about faults whose own words do not say it. */
const HINTS: readonly (readonly [fault: string, hint: string])[] = [
  [
    "RestrictedVersion",
    "The host's licence allows no changes through its API (a free licence, or one that has expired): " +
      "assign another one in the host's client under Manage > Licensing.",
  ],
  [
    "NoPermission",
    "The configured user lacks that privilege; use one with the role Administrator on the host.",
  ],
  ["NoDiskSpace", "Free some space on the datastore, or choose another `datastore`."],
  [
    "InsufficientResourcesFault",
    "The host has not enough free memory or CPU: power off other machines, or give or reserve this one less.",
  ],
  ["TaskInProgress", "Something else is at work on the VM; run `pulumi up` again when it is done."],
  ["FileLocked", "A running VM uses that file, on this host or another one that shares the datastore."],
];

/** The error's message, safe to show, with what to do about it where the host does not say. */
export function messageWithHint(error: Error): string {
  return printable(withHint(error));
}

function withHint(error: Error): string {
  if (!(error instanceof VimFault)) return error.message;
  const hint = HINTS.find(([fault]) => error.is(fault))?.[1];
  if (hint === undefined || error.message.includes(hint)) return error.message;
  return `${error.message.replace(/\.$/, "")}. ${hint}`;
}
