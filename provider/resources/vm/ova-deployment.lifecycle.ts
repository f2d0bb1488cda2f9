import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { importOva } from "../../host/import/import-ova.ts";
import { importOvaBySsh } from "../../host/import/import-ova-ssh.ts";
import type { ImportQuestion } from "../../host/import/import-spec.ts";
import type { OvaImport } from "../../host/import/ova-import.ts";
import { networksOfAdapters, observedNetworkMap } from "../../host/import/ovf-networks.ts";
import { whyRefused } from "../../host/import/refused-descriptor.ts";
import { inNetworkMap } from "../../host/inventory/named-places.ts";
import { CLAIM } from "../../host/ovf-environment/iso-files.ts";
import { hasIso } from "../../host/ovf-environment/place-iso.ts";
import type { Transport } from "../../host/shell/choose-transport.ts";
import type { ObservedVm } from "../../host/vm/reading/observed-vm.ts";
import { isOwnKey } from "../../host/vm/reading/own-keys.ts";
import { formatOwnerMark, OWNER_MARK_KEY } from "../../host/vm/reading/owner-mark.ts";
import { validateOvaChoices } from "../../ovf/descriptor/choices.ts";
import { sizesByProperty, sizingValues } from "../../ovf/descriptor/disk-sizes.ts";
import { disksInUse, networksByAdapter, networksInUse } from "../../ovf/descriptor/in-use.ts";
import { relaxations } from "../../ovf/descriptor/obstacles.ts";
import { buildOvfEnvironment } from "../../ovf/descriptor/ovf-environment.ts";
import { transportWarning } from "../../ovf/descriptor/ovf-transport.ts";
import { pullProblems } from "../../ovf/source/pull-source.ts";
import type { CheckFailure, Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { runOptions } from "../frame/run-options.ts";
import { isLeftUnfinished } from "../frame/state.ts";
import { checkInputs, isUnknown, UNKNOWN } from "../inputs/check-inputs.ts";
import { oneOf, textsByName, unknownSetting } from "../inputs/setting-forms.ts";
import { known, needing } from "../preview/wanted-names.ts";
import type { Ability, DiskSize, Need } from "../preview/wants.ts";
import { vmWants } from "./checks/vm-wants.ts";
import { diffByWay } from "./life/diff-by-way.ts";
import { madeVm } from "./life/made-vm.ts";
import { type VmToMake, vmLifecycle } from "./life/vm-lifecycle.ts";
import { type CheckedOva, newWarnings, openOnce } from "./ova-sources.ts";
import type { SettingChange } from "./settings/setting.ts";
import { vmEntries } from "./settings/settings.ts";
import { VM_OUTPUTS } from "./vm-outputs.ts";

const schema = v.strictObject(
  {
    ...vmEntries,
    ovaPath: v.pipe(v.string("must be a path or URL"), v.nonEmpty("must not be empty")),
    ovfNetworkMap: v.optional(textsByName()),
    deploymentOption: v.optional(v.string("must be a text")),
    diskProvisioning: v.optional(oneOf(["thin", "thick", "eagerZeroedThick"]), "thin"),
    properties: v.optional(textsByName()),
    ovfTransport: v.optional(oneOf(["guestInfo", "iso"])),
    transfer: v.optional(oneOf(["push", "pull"])),
    acceptAllEulas: v.optional(v.boolean("must be true or false")),
    allowExtraConfig: v.optional(v.boolean("must be true or false")),
    relax: v.optional(v.boolean("must be true or false")),
    ovaDigest: v.optional(v.string()),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

/** Settings that other machines do not have. */
const OWN = {
  ovaDigest: { cost: "replace", told: "name" },
  ovfNetworkMap: { cost: "inPlace", told: "keys" },
  deploymentOption: { cost: "replace", told: "name", hasDefault: true },
  diskProvisioning: { cost: "replace", told: "name" },
  properties: { cost: "inPlace", told: "keys" },
  ovfTransport: { cost: "powerCycle", told: "value", hasDefault: true },
  transfer: { cost: "ours", told: "name" },
  acceptAllEulas: { cost: "ours", told: "name" },
  allowExtraConfig: { cost: "ours", told: "name" },
  relax: { cost: "ours", told: "name" },
} as const satisfies Readonly<Record<string, SettingChange>>;

/** A host reads the descriptor again if one of these differs. */
const NEW_MACHINE = ["ovaDigest", "deploymentOption", "diskProvisioning", "relax"] as const;

/** The key under which a guest finds its OVF properties. */
const OVF_ENVIRONMENT = "guestinfo.ovfEnv";

/** This output says which OVF network each adapter belongs to. A refresh needs it, because it does not read the OVA. */
const OF_ADAPTERS = "__ovfNetworks";

/** What it has in common with all other machines. */
const machine = vmLifecycle({
  schema,
  outputs: VM_OUTPUTS,
  own: OWN,
  makesNew: false,
  async toCreate(host, settings, context, { transport }) {
    const ova = await openOnce(settings.ovaPath, context.projectFolder, context.signal);
    return {
      ...environmentOf(settings, ova),
      further: { [OF_ADAPTERS]: networksByAdapter(ova.source.ovf, settings.deploymentOption) },
      make: (vm) => deploy(host, ova, settings, vm, transport, context),
    };
  },
  async toUpdate(host, settings, olds, context, vm) {
    const ova = await openOnce(settings.ovaPath, context.projectFolder, context.signal);
    const ofAdapters = networksByAdapter(ova.source.ovf, settings.deploymentOption);
    return {
      ...environmentOf(settings, ova),
      further: { [OF_ADAPTERS]: ofAdapters },
      wishes: isMoved(settings, olds)
        ? { adapterNetworks: await networksOfAdapters(host, vm, ofAdapters, settings.ovfNetworkMap ?? {}) }
        : {},
    };
  },
  async toRead(host, vm, props, signal) {
    const networkMap = networkMapNow(vm, props);
    return {
      ...(networkMap !== undefined && { ovfNetworkMap: networkMap }),
      ...(props.ovfTransport === "iso" && !(await hasIso(host, vm, signal)) && { ovfTransport: "guestInfo" }),
    };
  },
});

/** The lifecycle of {@link OvaDeployment}, in the dynamic-provider process. */
export const ovaDeployment: Lifecycle = {
  ...machine,

  async check(olds, news, context) {
    const { ovaDigest: _, ...given } = news;
    const { inputs, failures } = await machine.check(olds, given, context);
    for (const warning of networksSaidTwice(inputs)) context.progress.warn(warning);
    // Another path may lead to another OVA.
    if (isUnknown(given.ovaPath)) return { inputs: { ...inputs, ovaDigest: UNKNOWN }, failures };
    if (typeof given.ovaPath !== "string" || given.ovaPath === "") return { inputs, failures };
    const found = [...failures];
    let digest: string | undefined;
    try {
      const ova = await openOnce(given.ovaPath, context.projectFolder, context.signal);
      digest = ova.source.digest;
      found.push(...ovaFailures(ova, given));
      for (const warning of newWarnings(ova, choiceWarnings(ova, given))) context.progress.warn(warning);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      found.push({ property: "ovaPath", reason: error.message });
    }
    return { inputs: digest === undefined ? inputs : { ...inputs, ovaDigest: digest }, failures: found };
  },

  async wants(inputs, context) {
    const wants = vmWants(inputs, { onOnlyDatastore: true });
    if (wants.adopts || known(inputs.ovaPath) === undefined) return wants;
    // The check has refused an OVA that cannot be read.
    const ova = await openOnce(String(inputs.ovaPath), context.projectFolder, context.signal).catch(
      () => undefined,
    );
    if (ova === undefined) return wants;
    return {
      ...wants,
      needs: [...wants.needs, ...networkNeeds(ova, inputs)],
      disks: [...(wants.disks ?? []), ...diskSizes(ova, inputs)],
      abilities: [...(wants.abilities ?? []), ...ovaAbilities(ova, inputs)],
    };
  },

  async refused(olds, inputs, context) {
    const { known: settings } = checkInputs(schema, inputs, VM_OUTPUTS);
    if (settings === undefined || NEW_MACHINE.every((name) => isDeepStrictEqual(olds[name], inputs[name])))
      return undefined;
    const ova = await openOnce(settings.ovaPath, context.projectFolder, context.signal);
    return whyRefused(context.host(settings.host), ova.source, questionOf(ova, settings), context.signal);
  },

  async diff(_id, olds, news, context) {
    const { properties } = OWN;
    const cost = (await sizesChange(olds, news, context)) ? "replace" : properties.cost;
    return diffByWay(olds, news, context, { ...OWN, properties: { ...properties, cost } });
  },
};

/** Whether adapters may have to move. If neither state nor program has a map, they stay where they are. */
function isMoved({ ovfNetworkMap, networkInterfaces }: Settings, olds: Properties): boolean {
  if (networkInterfaces !== undefined || (ovfNetworkMap ?? olds.ovfNetworkMap) === undefined) return false;
  return isLeftUnfinished(olds) || !isDeepStrictEqual(ovfNetworkMap ?? {}, olds.ovfNetworkMap ?? {});
}

/** The map as the host has it, if it differs from state. */
function networkMapNow(vm: ObservedVm, props: Properties): Readonly<Record<string, string>> | undefined {
  const map = allTexts(props.ovfNetworkMap);
  const ofAdapters = props[OF_ADAPTERS];
  if (map === undefined || props.networkInterfaces !== undefined || !Array.isArray(ofAdapters))
    return undefined;
  return observedNetworkMap(vm, ofAdapters.map(String), map);
}

/** Warns that two settings say which networks the machine is on, and that only one of them counts. */
function networksSaidTwice({ ovfNetworkMap, networkInterfaces }: Properties): string[] {
  if (ovfNetworkMap === undefined || networkInterfaces === undefined) return [];
  return [
    "ovfNetworkMap: the machine gets the adapters of networkInterfaces, and this map is ignored. Leave one of the two out.",
  ];
}

/** The user's choices that the OVA does not offer, and the parts of the OVA that the host would refuse. */
function ovaFailures({ source, check }: CheckedOva, given: Properties): CheckFailure[] {
  const programKeys = Object.keys(knownTexts(given.extraConfig) ?? {}).map((key) => key.toLowerCase());
  const choices = {
    networkMap: knownTexts(given.ovfNetworkMap),
    deploymentOption: knownText(given.deploymentOption),
    diskProvisioning: undefined,
    properties: knownTexts(given.properties),
    allowExtraConfig: given.allowExtraConfig === true || isUnknown(given.allowExtraConfig),
    relax: given.relax === true || isUnknown(given.relax),
    isSetOtherwise: (key: string) => isOwnKey(key) || programKeys.includes(key.toLowerCase()),
  };
  const files = new Set(disksInUse(source.ovf, choices.deploymentOption).map(({ fileRef }) => fileRef));
  const ofFiles = check.problems.filter(({ fileRef }) => files.has(fileRef));
  const problems = [...ofFiles, ...validateOvaChoices(source.ovf, choices)].filter(
    // A value that a preview does not know yet has the right key, and may have the right form.
    ({ path }) =>
      !(path.startsWith("properties") && [given.properties, given.deploymentOption].some(isUnknown)),
  );
  const failures = problems.map(({ path, reason }) => ({ property: path, reason }));
  if (given.transfer === "pull") {
    const reasons = pullProblems(String(given.ovaPath), source);
    failures.push(...reasons.map((why) => ({ property: "transfer", reason: `cannot be "pull" ${why}` })));
  }
  if (source.ovf.eulas.length > 0 && given.acceptAllEulas !== true && !isUnknown(given.acceptAllEulas)) {
    failures.push({
      property: "acceptAllEulas",
      reason:
        `${source.location} comes with ${source.ovf.eulas.length} licence agreement(s). Read them in its descriptor, ` +
        "and set acceptAllEulas: true if you agree.",
    });
  }
  return failures;
}

function choiceWarnings({ source }: CheckedOva, given: Properties): readonly string[] {
  const keys = Object.keys(allTexts(given.properties) ?? {});
  const option = knownText(given.deploymentOption);
  const warning = given.ovfTransport === "iso" ? undefined : transportWarning(source.ovf, option, keys);
  const changes = given.relax === true ? relaxations(source.ovf, option) : [];
  return [
    ...(warning === undefined ? [] : [`${source.location} ${warning}`]),
    ...changes.map((change) => `changed for the host by relax: ${source.location}, ${change}.`),
  ];
}

/** Whether other properties mean other sizes of disks. Only a new machine can have those. */
async function sizesChange(olds: Properties, news: Properties, context: Context): Promise<boolean> {
  if (typeof news.ovaPath !== "string" || isUnknown(news.ovaPath)) return false;
  if (isDeepStrictEqual(olds.properties ?? {}, news.properties ?? {})) return false;
  // An OVA that cannot be read was refused by the check, or this is a refresh, which changes nothing.
  const ova = await openOnce(news.ovaPath, context.projectFolder, context.signal).catch(() => undefined);
  if (ova === undefined) return false;
  const valuesOf = ({ properties, deploymentOption }: Properties) =>
    sizingValues(ova.source.ovf, {
      properties: allTexts(properties),
      deploymentOption: knownText(deploymentOption),
    });
  return !isDeepStrictEqual(valuesOf(olds), valuesOf(news));
}

const knownText = (value: unknown) => (typeof value === "string" && !isUnknown(value) ? value : undefined);

function knownTexts(value: unknown): Record<string, string> | undefined {
  const texts = allTexts(value);
  return texts && Object.fromEntries(Object.entries(texts).filter(([, text]) => !isUnknown(text)));
}

function allTexts(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** Names of the OVF's networks that need a port group on the host. */
function ovfNetworks({ source }: CheckedOva, { ovfNetworkMap, deploymentOption }: Properties): string[] {
  const used = networksInUse(source.ovf, knownText(deploymentOption));
  return [...new Set([...used, ...Object.keys(allTexts(ovfNetworkMap) ?? {})])];
}

function networkNeeds(ova: CheckedOva, inputs: Properties): Need[] {
  const { ovfNetworkMap } = inputs;
  // A map that is not known yet may have any of the networks.
  if (ovfNetworkMap === UNKNOWN || inputs.deploymentOption === UNKNOWN) return [];
  const map = allTexts(ovfNetworkMap) ?? {};
  return ovfNetworks(ova, inputs).flatMap((network) =>
    needing("port group", "ovfNetworkMap", Object.hasOwn(map, network) ? map[network] : network).map(
      (one) => ({
        ...one,
        setting: inNetworkMap(network),
      }),
    ),
  );
}

/** The OVA's disks; a size that is a property's value is known to the host alone. */
function diskSizes(
  { source }: CheckedOva,
  { datastore, diskProvisioning, deploymentOption }: Properties,
): DiskSize[] {
  if ([datastore, diskProvisioning, deploymentOption].some(isUnknown)) return [];
  return disksInUse(source.ovf, knownText(deploymentOption)).flatMap(({ capacityBytes }): DiskSize[] =>
    capacityBytes === undefined
      ? []
      : [
          {
            property: "ovaPath",
            size: capacityBytes / 1024 ** 3,
            datastore: known(datastore),
            isThick: diskProvisioning !== undefined && diskProvisioning !== "thin",
          },
        ],
  );
}

/** What the host must be able to do for this OVA. */
function ovaAbilities({ source }: CheckedOva, { relax, transfer }: Properties): Ability[] {
  const { families } = source.ovf.hardware;
  return [
    ...(families === undefined || isUnknown(relax)
      ? []
      : [
          {
            kind: "family",
            property: "ovaPath",
            location: source.location,
            relax: relax === true,
            ...families,
          } as const,
        ]),
    ...(transfer === "pull" ? [{ kind: "pull", property: "transfer" } as const] : []),
  ];
}

/** What the host is asked about the OVA before it makes a machine of it. */
function questionOf(ova: CheckedOva, settings: Settings): ImportQuestion {
  return {
    name: settings.name,
    datastore: settings.datastore,
    resourcePool: settings.resourcePool,
    networkMap: settings.ovfNetworkMap ?? {},
    ovfNetworks: ovfNetworks(ova, settings),
    deploymentOption: settings.deploymentOption,
    diskProvisioning: settings.diskProvisioning,
    propertyMapping: sizingValues(ova.source.ovf, settings),
    sizesByProperty: sizesByProperty(ova.source.ovf, settings),
    relax: settings.relax ?? false,
  };
}

async function deploy(
  host: EsxiHost,
  ova: CheckedOva,
  settings: Settings,
  { mark, wishes, claim }: VmToMake,
  transport: Transport,
  context: Context,
): Promise<ObservedVm> {
  const request: OvaImport = {
    ...questionOf(ova, settings),
    pullFrom: settings.transfer === "pull" ? settings.ovaPath : undefined,
    allowExtraConfig: settings.allowExtraConfig ?? false,
    settings: {
      ...wishes,
      extraConfig: { ...wishes.extraConfig, [OWNER_MARK_KEY]: formatOwnerMark(mark) },
    },
  };
  const options = runOptions(context);
  if (transport === "ssh") return importOvaBySsh(host, ova.source, { ...request, mark }, options);
  const beforeRetry = async () => {
    await claim();
  };
  const ref = await importOva(host, ova.source, request, { ...options, beforeRetry });
  return madeVm(host, ref, settings.name);
}

/** The document with the OVF's properties for the guest, if the OVF has any, and where the guest finds it. */
function environmentOf(settings: Settings, { source }: CheckedOva) {
  const isAsked = settings.ovfTransport === "iso";
  const document = buildOvfEnvironment(source.ovf, {
    properties: settings.properties,
    deploymentOption: settings.deploymentOption,
    isAsked,
  });
  return {
    extraConfig: {
      ...(document !== undefined && { [OVF_ENVIRONMENT]: document }),
      ...(isAsked && CLAIM),
    },
    environmentCd: { document: isAsked ? document : undefined, isExtra: settings.cdroms !== undefined },
  };
}
