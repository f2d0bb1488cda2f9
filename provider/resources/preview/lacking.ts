import {
  formatDatastorePath,
  isDatastorePath,
  parseDatastorePath,
} from "../../host/datastore/datastore-path.ts";
import { HostError } from "../../host/host-error.ts";
import { UnreadableError } from "../../host/unreadable-error.ts";
import { isSameName } from "../../host/vm/reading/vm-name.ts";
import type { CheckFailure } from "../frame/lifecycle.ts";
import { datastoreOf, type Look } from "./look.ts";
import { refuseMissing } from "./missing.ts";
import type { Making, Need } from "./wants.ts";

/**
 * What is wrong with something that a resource builds on. Nothing, if the host has it, or if a resource makes it
 * whose check came before. A warning, if the same program makes it and this resource does not wait for it.
 */
export async function lacking(look: Look, need: Need): Promise<CheckFailure[]> {
  const { property, name = "" } = need;
  try {
    await refuseMissing(look, need);
    return [];
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const canBe = !(error instanceof UnreadableError) && canBeMade(look, need);
    if (canBe && isMade(look, need)) return [];
    if (!canBe || !look.madeHere.some((text) => isSpelling(text, name)))
      return [{ property, reason: error.message }];
    look.context.progress.warn(
      `${property}: ${look.host.name} has no ${need.kind} "${name}" yet. This program makes it, but this resource ` +
        "does not wait for it. Give an output of the resource that makes it instead of the text, or name that resource " +
        "in `dependsOn`.",
    );
    return [];
  }
}

/** Whether a run can make that. For a file: whether it can be on its datastore. */
function canBeMade(look: Look, { kind, name = "" }: Need): boolean {
  if (kind === "datastore" || kind === "network adapter") return false;
  return kind !== "file" || datastoreOf(look, parseDatastorePath(name).datastore) !== undefined;
}

/** Whether a resource makes it whose check has come before. */
function isMade(look: Look, { kind, name = "" }: Need): boolean {
  const { run } = look;
  if (kind === "file") return isFileMade(look, name);
  const names = kind === "resource pool" ? [name, name.slice(name.lastIndexOf("/") + 1)] : [name];
  return run.makings(kind).some((making) => names.some((one) => isSameName(one, making.name)));
}

/** Whatever comes into a folder, or a machine's folder, that is new too may be the file. */
function isFileMade(look: Look, name: string): boolean {
  const { run } = look;
  const { datastore, path } = parseDatastorePath(name);
  const isOn = ({ within }: Making) => datastoreOf(look, within)?.name === datastore;
  return (
    run.makings("file").some((file) => file.name === path && isOn(file)) ||
    run.makings("folder").some((folder) => path.startsWith(`${folder.name}/`) && isOn(folder)) ||
    run.makings("virtual machine").some((vm) => path.startsWith(`${vm.name}/`))
  );
}

/** Whether both are one name. A path can be spelled in several ways. */
function isSpelling(text: string, name: string): boolean {
  if (text === name) return true;
  return isDatastorePath(text) && formatDatastorePath(parseDatastorePath(text)) === name;
}
