import type { EsxiHost } from "../../host/esxi-host.ts";
import type { HostSight } from "../../host/host-facts.ts";
import { PULL_OVER_SSH } from "../../host/import/import-ova-ssh.ts";
import { pullProblem } from "../../host/import/too-old.ts";
import {
  askedTransport,
  chooseTransport,
  mayHaveShell,
  soundsFree,
} from "../../host/shell/choose-transport.ts";
import { SSH_OFF } from "../../host/shell/ssh-service.ts";
import {
  formatHardwareVersion,
  hardwareVersionProblem,
  isRun,
  newestHardwareVersion,
  tooNewHardware,
} from "../../host/vm/settings/hardware-version.ts";
import { familyChange } from "../../ovf/relax/family-change.ts";
import type { CheckFailure, Properties } from "../frame/lifecycle.ts";
import type { Look } from "./look.ts";
import type { Ability } from "./wants.ts";

/**
 * What the host itself cannot do, whatever else it has.
 * @param isNew Whether the resource is yet to be made.
 */
export async function unable(look: Look, ability: Ability, isNew: boolean): Promise<CheckFailure[]> {
  const { host, sight } = look;
  const { apiVersion } = sight.facts;
  const { property } = ability;
  const fail = (reason: string): CheckFailure[] => [{ property, reason }];
  switch (ability.kind) {
    case "hardware": {
      const problem = hardwareVersionProblem(ability.version, apiVersion);
      return problem === undefined ? [] : fail(`${host.name}: ${problem}. Set it to what the host runs.`);
    }
    case "family":
      return otherFamily(look, ability);
    case "CPUs": {
      const most = sight.logicalCpus;
      if (most === undefined || ability.count <= most) return [];
      return fail(
        `${host.name} has ${most} logical CPUs, and starts no machine with ${ability.count}. Set numCpus to ${most} or ` +
          "fewer, or powerOn: false.",
      );
    }
    case "shell":
      if (await mayHaveShell(host)) return [];
      return fail(`${host.name}: ${SSH_OFF}, or set it to "client".`);
    case "api":
      if (
        (isNew && ability.ofNew) ||
        (await chooseTransport(host, ability.asked ?? host.transport)) === "api"
      )
        return [];
      return fail(
        `${host.name} is changed over SSH, and ${ability.why}. Leave it as it is, or, if the licence is what keeps the API ` +
          "from it, assign one with API access.",
      );
    case "pull": {
      if ((await chooseTransport(host, host.transport)) === "ssh")
        return fail(`${host.name}: "pull" ${PULL_OVER_SSH}.`);
      const problem = pullProblem(host.name, apiVersion);
      return problem === undefined ? [] : fail(problem);
    }
  }
}

/**
 * Why the host cannot be changed now: changes need its shell, which is off, and which only a person can start. Undefined
 * if the host can be changed, or if nobody can say.
 */
export async function shellOff(
  host: EsxiHost,
  { licenses }: HostSight,
  inputs: Properties,
): Promise<string | undefined> {
  // Most hosts need no further question.
  if (!soundsFree(licenses) || (await mayHaveShell(host))) return undefined;
  const way = await chooseTransport(host, askedTransport(inputs.transport) ?? host.transport);
  return way === "ssh" ? `${host.name}: ${SSH_OFF}, then run \`pulumi up\` again.` : undefined;
}

function otherFamily(
  { host, sight, context }: Look,
  { property, location, versions, text, line, relax }: Extract<Ability, { kind: "family" }>,
): CheckFailure[] {
  const { apiVersion } = sight.facts;
  // If no family of VMware's is named, the descriptor alone tells that, and the check of the inputs says it.
  if (versions.length === 0 || versions.some((version) => isRun(version, apiVersion))) return [];
  const newest = formatHardwareVersion(newestHardwareVersion(apiVersion));
  const { what, change } = familyChange(text, newest);
  if (relax) {
    context.progress.warn(`changed for the host by relax: ${location}, line ${line}: ${what}: ${change}.`);
    return [];
  }
  const why = tooNewHardware(Math.min(...versions), apiVersion);
  const reason = `${host.name} refuses ${location}: ${what} (line ${line})`;
  return [
    { property, reason: `${reason}${why === undefined ? "" : `: ${why}`}. With relax: true ${change}.` },
  ];
}
