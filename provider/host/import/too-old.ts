import { findMethod, versionIndex } from "../../../schema/index.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";

/** The host's method that fetches files. */
export const METHOD = "HttpNfcLeasePullFromUrls_Task";
/** What to do if a host cannot fetch files. */
export const INSTEAD = 'Set transfer: "push", with which this machine fetches the files and sends them on.';

/** Why a host of that API version cannot fetch files itself. Undefined if it can. */
export function pullProblem(hostName: string, apiVersion: string): string | undefined {
  if (versionIndex(apiVersion) >= (findMethod(METHOD)?.version ?? 0)) return undefined;
  return unableWords(hostName, `its API is ${apiVersion}, and hosts can do that from 6.7 on`);
}

export const unableWords = (hostName: string, why: string): string =>
  `${hostName} does not fetch files by itself (${why}). Nothing is left of what was begun. ${INSTEAD}`;

/** @throws HostError if the host is too old to fetch files itself. Asked before anything is made. */
export async function refuseIfTooOld(host: EsxiHost): Promise<void> {
  const { apiVersion } = await host.facts();
  const problem = pullProblem(host.name, apiVersion);
  if (problem !== undefined) throw new HostError(problem);
}
