import { didYouMean } from "../did-you-mean.ts";
import type { OvaProblem } from "../ova-problem.ts";
import { valueProblem } from "../xml/qualifiers.ts";
import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import { sizeProblems } from "./disk-sizes.ts";
import { describeKey, isPackageFile } from "./extra-config.ts";
import { hardwareObstacles } from "./obstacles.ts";
import { appliesTo, isRequired, valueFor } from "./properties.ts";

/** What a user chose for one deployment of an OVF. */
export interface OvaChoices {
  /** Network of the OVF → network of the host. */
  readonly networkMap?: Readonly<Record<string, string>> | undefined;
  /** Id of the deployment option; the descriptor's default if left out or empty. */
  readonly deploymentOption?: string | undefined;
  /** By key as in `OvfProperty.key`. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** `thin`, `thick` or `eagerZeroedThick`. */
  readonly diskProvisioning?: string | undefined;
  /** Whether the machine may get the advanced settings that the descriptor brings. Default: false. */
  readonly allowExtraConfig?: boolean | undefined;
  /** Whether what a host refuses of the descriptor is changed until it fits. Default: false. */
  readonly relax?: boolean | undefined;
  /** Keys of advanced settings that do not count, because the program sets them itself or nobody gets them. */
  readonly isSetOtherwise?: ((key: string) => boolean) | undefined;
}

/** So many missing properties are named one by one. */
const MOST_MISSING_NAMED = 50;
/** So many keys are named; a list of hundreds helps nobody. */
const MOST_KEYS_NAMED = 30;
const PROVISIONINGS = ["thin", "thick", "eagerZeroedThick"];

/** Checks a user's choices against what the descriptor offers, and names everything that the host would refuse. */
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
      // The same program may well state what holds anyway.
      if (valueFor(property, values, option) !== valueFor(property, {}, option))
        refuse("is fixed by the OVF (not user configurable); remove it");
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
        `the OVF sets advanced settings of the machine (vmw:ExtraConfig), with which its maker can open the machine or ` +
        `weaken what keeps it and the host apart: ${named}${more}. If you trust its maker, set allowExtraConfig: true. ` +
        `To have one of them otherwise or not at all, name it in extraConfig, with "" for not at all`,
    },
  ];
}
