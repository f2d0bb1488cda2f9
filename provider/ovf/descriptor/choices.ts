import { didYouMean } from "../did-you-mean.ts";
import type { OvaProblem } from "../ova-problem.ts";
import { valueProblem } from "../xml/qualifiers.ts";
import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import { sizeProblems } from "./disk-sizes.ts";
import { describeKey, isPackageFile } from "./extra-config.ts";
import { hardwareObstacles } from "./obstacles.ts";
import { appliesTo, isRequired, valueFor } from "./properties.ts";

/** The choices of a user for one deployment of an OVF. */
export interface OvaChoices {
  /** Network of the OVF → network of the host. */
  readonly networkMap?: Readonly<Record<string, string>> | undefined;
  /** Id of the deployment option. If it is left out or empty, the descriptor's default. */
  readonly deploymentOption?: string | undefined;
  /** By key as in `OvfProperty.key`. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** `thin`, `thick` or `eagerZeroedThick`. */
  readonly diskProvisioning?: string | undefined;
  /** Whether the machine may get the advanced settings that the descriptor brings. Default: false. */
  readonly allowExtraConfig?: boolean | undefined;
  /** Whether parts of the descriptor that a host refuses are changed until the host accepts it. Default: false. */
  readonly relax?: boolean | undefined;
  /**
   * Keys of advanced settings that do not count, because the program sets them itself or the machine does not get them.
   */
  readonly isSetOtherwise?: ((key: string) => boolean) | undefined;
}

/** So many missing properties are named in messages. */
const MOST_MISSING_NAMED = 50;
/** So many keys are named in messages. A list of hundreds helps nobody. */
const MOST_KEYS_NAMED = 30;
const PROVISIONINGS = ["thin", "thick", "eagerZeroedThick"];

/** Compares a user's choices with the descriptor, and names everything that the host would refuse. */
export function validateOvaChoices(descriptor: OvfDescriptor, choices: OvaChoices): readonly OvaProblem[] {
  return [
    ...hardwareObstacles(descriptor, choices.deploymentOption, choices.relax ?? false),
    ...networkProblems(descriptor, choices.networkMap ?? {}),
    ...optionProblems(descriptor, choices.deploymentOption),
    ...propertyProblems(descriptor, choices),
    ...provisioningProblems(choices.diskProvisioning),
    ...extraConfigProblems(descriptor, choices),
  ];
}

function networkProblems(
  descriptor: OvfDescriptor,
  map: Readonly<Record<string, string>>,
): readonly OvaProblem[] {
  const known = descriptor.networks.map((network) => network.name);
  return Object.entries(map).flatMap(([name, target]) => {
    const path = `ovfNetworkMap.${name}`;
    if (!known.includes(name)) {
      return [
        {
          path,
          reason: `the OVF has no network ${JSON.stringify(name)}: ${didYouMean(name, known, "networks")}`,
        },
      ];
    }
    return target === "" ? [{ path, reason: "the name of the host's network is empty" }] : [];
  });
}

function optionProblems(descriptor: OvfDescriptor, option: string | undefined): readonly OvaProblem[] {
  const known = descriptor.deploymentOptions.map((candidate) => candidate.id);
  if (option === undefined || option === "" || known.includes(option)) return [];
  const reason = `the OVF has no deployment option ${JSON.stringify(option)}: ${didYouMean(option, known, "deployment options")}`;
  return [{ path: "deploymentOption", reason }];
}

function propertyProblems(descriptor: OvfDescriptor, choices: OvaChoices): readonly OvaProblem[] {
  const values = choices.properties ?? {};
  const option = choices.deploymentOption || defaultOption(descriptor);
  const known = descriptor.properties.map((property) => property.key);
  const problems: OvaProblem[] = [];
  for (const [key, value] of Object.entries(values)) {
    const property = descriptor.properties.find((candidate) => candidate.key === key);
    const refuse = (reason: string) => problems.push({ path: `properties.${key}`, reason });
    if (property === undefined) {
      refuse(`the OVF has no property ${JSON.stringify(key)}: ${didYouMean(key, known, "properties")}`);
    } else if (!appliesTo(property, option)) {
      refuse(`belongs to deployment option ${(property.options ?? []).join(", ")} only`);
    } else if (!property.userConfigurable) {
      // A program may give the value that the property has anyway.
      if (valueFor(property, values, option) !== valueFor(property, {}, option))
        refuse("is fixed by the OVF (not user configurable). Remove it");
    } else {
      const problem = valueProblem(property, value);
      if (problem !== undefined) refuse(problem);
    }
  }
  const missing = descriptor.properties.filter(
    (property) => !Object.hasOwn(values, property.key) && isRequired(property, option),
  );
  for (const property of missing.slice(0, MOST_MISSING_NAMED)) {
    const what = property.label === "" ? "" : ` (${property.label})`;
    problems.push({
      path: `properties.${property.key}`,
      reason: `the OVF needs a value for this property${what}, and has no default that is valid`,
    });
  }
  if (missing.length > MOST_MISSING_NAMED) {
    const reason = `the OVF needs values for ${missing.length - MOST_MISSING_NAMED} more properties`;
    problems.push({ path: "properties", reason });
  }
  const told = new Set(problems.map(({ path }) => path));
  return [...problems, ...sizeProblems(descriptor, choices).filter(({ path }) => !told.has(path))];
}

function provisioningProblems(provisioning: string | undefined): readonly OvaProblem[] {
  if (provisioning === undefined || PROVISIONINGS.includes(provisioning)) return [];
  const reason = `${JSON.stringify(provisioning)} is none of ${PROVISIONINGS.join(", ")}`;
  return [{ path: "diskProvisioning", reason }];
}

function extraConfigProblems(descriptor: OvfDescriptor, choices: OvaChoices): readonly OvaProblem[] {
  if (choices.allowExtraConfig === true) return [];
  const refused = descriptor.extraConfig.filter(
    (option) => !isPackageFile(option) && choices.isSetOtherwise?.(option.key) !== true,
  );
  const keys = [...new Set(refused.map(({ key }) => key))];
  if (keys.length === 0) return [];
  const named = keys.slice(0, MOST_KEYS_NAMED).map(describeKey).join(", ");
  const more = keys.length > MOST_KEYS_NAMED ? ` and ${keys.length - MOST_KEYS_NAMED} more` : "";
  return [
    {
      path: "allowExtraConfig",
      reason:
        `the OVF sets advanced settings of the machine (vmw:ExtraConfig). With these its maker can open the machine or ` +
        `weaken the separation of machine and host: ${named}${more}. If you trust its maker, set allowExtraConfig: true. ` +
        `To give one of them another value or leave it out, name it in extraConfig, with "" to leave it out`,
    },
  ];
}
