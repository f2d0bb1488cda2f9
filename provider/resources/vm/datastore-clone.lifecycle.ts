import * as v from "valibot";
import { cloneFullByApi, cloneLinkedByApi } from "../../host/clone/clone-api.ts";
import { refuseUncloneable } from "../../host/clone/clone-refusals.ts";
import { apiSnapshots, withoutLeftSnapshots } from "../../host/clone/clone-snapshot.ts";
import { type CloneSource, findCloneSource } from "../../host/clone/clone-source.ts";
import { cloneFullBySsh, cloneLinkedBySsh, shellSnapshots } from "../../host/clone/clone-ssh.ts";
import { formatDatastorePath, isDatastorePath } from "../../host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import type { Transport } from "../../host/shell/choose-transport.ts";
import { shellOf } from "../../host/shell/host-shell.ts";
import { POOL_NAME } from "../../host/shell/into-pool.ts";
import type { ObservedVm } from "../../host/vm/reading/observed-vm.ts";
import { EFI_ORDER, refuseInVmx } from "../../host/vm/vmx/write-vmx.ts";
import { relativePath } from "../datastore/datastore-place.ts";
import type { CheckFailure, Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { runOptions } from "../frame/run-options.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import { oneOf, unknownSetting } from "../inputs/setting-forms.ts";
import { known, needing } from "../preview/wanted-names.ts";
import type { Need } from "../preview/wants.ts";
import { isNameSpoilt, vmWants } from "./checks/vm-wants.ts";
import { madeVm } from "./life/made-vm.ts";
import { type VmToMake, vmLifecycle } from "./life/vm-lifecycle.ts";
import { MOST_BYTES_BEHIND_NAME } from "./life/vm-settings.ts";
import { entriesOf } from "./settings/entries.ts";
import type { CostOf, SettingChange } from "./settings/setting.ts";
import { vmEntries } from "./settings/settings.ts";
import { VM_OUTPUTS } from "./vm-outputs.ts";

const OUTPUTS = [...VM_OUTPUTS, "clonedFrom"];

const schema = v.strictObject(
  {
    ...vmEntries,
    source: v.pipe(
      v.string("must be a VM of this package, or a name, UUID or path"),
      v.nonEmpty("must not be empty"),
    ),
    mode: v.optional(oneOf(["full", "linked"]), "full"),
    transport: v.optional(oneOf(["auto", "api", "ssh"])),
    folder: v.optional(relativePath(MOST_BYTES_BEHIND_NAME)),
    diskProvisioning: v.optional(oneOf(["thin", "thick", "eagerZeroedThick"])),
    poweredOnSource: v.optional(oneOf(["refuse", "snapshot"]), "refuse"),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

/** The disks of a linked clone build on its source's, and cannot be elsewhere. Another place needs new disks. */
const place: CostOf = ({ olds }) => (olds.mode === "linked" ? "replace" : "powerCycle");

/** Settings that other machines do not have, or that have another cost here. */
const OWN = {
  source: { cost: "replace", told: "name" },
  mode: { cost: "replace", told: "name" },
  datastore: { cost: place, told: "name" },
  folder: { cost: place, told: "name" },
  diskProvisioning: { cost: "replace", told: "name" },
  transport: { cost: "ours", told: "name" },
  poweredOnSource: { cost: "ours", told: "name" },
} as const satisfies Readonly<Record<string, SettingChange>>;

/** The lifecycle of {@link DatastoreClone}, in the dynamic-provider process. */
export const datastoreClone: Lifecycle = {
  wants(inputs) {
    const wants = vmWants(inputs, { onOnlyDatastore: false });
    return inputs.adopt === undefined
      ? { ...wants, needs: [...wants.needs, ...sourceNeed(inputs.source)] }
      : wants;
  },

  ...vmLifecycle({
    schema,
    outputs: OUTPUTS,
    own: OWN,
    makesNew: false,
    rules: (inputs, olds, context) => [
      ...modeRules(inputs),
      ...bootOrderRules(inputs, context),
      ...poolRules(inputs, context),
      ...linkedDiskRules(olds, inputs),
    ],
    align: (olds, news) => (isSameSource(olds, news) ? { ...olds, source: news.source } : olds),
    async toCreate(host, settings, context, { transport }) {
      const source = await findCloneSource(host, settings.source);
      return {
        ...(settings.mode === "full" && transport === "api" && { copies: source.disks.length }),
        further: clonedFrom(source),
        make: (vm) => clone(host, source, settings, vm, transport, context),
      };
    },
    toUpdate: async (_host, _settings, { clonedFrom }) => ({ further: { clonedFrom } }),
  }),
};

function sourceNeed(source: unknown): Need[] {
  const kind = isDatastorePath(known(source) ?? "") ? "file" : "virtual machine";
  return needing(kind, "source", source);
}

/** Settings that contradict the mode. */
function modeRules(inputs: Properties): CheckFailure[] {
  const { mode, diskProvisioning, poweredOnSource } = inputs;
  if (mode !== "linked") return [];
  const failures: CheckFailure[] = [];
  if (diskProvisioning !== undefined && !isUnknown(diskProvisioning)) {
    failures.push({
      property: "diskProvisioning",
      reason: "cannot be given for a linked clone, because its disks hold only differences",
    });
  }
  if (poweredOnSource === "snapshot") {
    failures.push({
      property: "poweredOnSource",
      reason: 'can only be "snapshot" for a full clone: a linked clone needs a source that stays as it is',
    });
  }
  return failures;
}

function bootOrderRules(inputs: Properties, context: Context): CheckFailure[] {
  const { bootOrder, firmware, transport } = inputs;
  const isSsh = (transport ?? configuredTransport(inputs, context)) === "ssh";
  if (!isSsh || firmware !== "efi" || !Array.isArray(bootOrder) || bootOrder.length === 0) return [];
  return [{ property: "bootOrder", reason: EFI_ORDER }];
}

/** If the host decides about the way, the preview asks it. */
function poolRules(inputs: Properties, context: Context): CheckFailure[] {
  const { name, resourcePool, transport } = inputs;
  const isSsh = (transport ?? configuredTransport(inputs, context)) === "ssh";
  if (!isSsh || !isNameSpoilt(name, resourcePool)) return [];
  return [{ property: "resourcePool", reason: `cannot be combined with this name over SSH: ${POOL_NAME}` }];
}

/**
 * Disks that hold only differences do not grow. Only the host knows which further disks the source has, but `disk0` is
 * certainly the source's. The size with which the clone was made is no growth.
 */
function linkedDiskRules(olds: Properties, { mode, disks }: Properties): CheckFailure[] {
  if (mode !== "linked") return [];
  const known = olds.mode === "linked" ? entriesOf(olds.disks) : [];
  const before = known.find(({ label }) => label === "disk0")?.size;
  return entriesOf(disks).flatMap(({ label, size }, index) =>
    label === "disk0" && typeof size === "number" && size !== before
      ? [
          {
            property: `disks.${index}.size`,
            reason:
              'cannot be given for "disk0" of a linked clone, which builds on its source\'s disk and cannot be extended. Leave the size out, or use mode: "full"',
          },
        ]
      : [],
  );
}

/** Undefined if nobody knows the host yet. Errors of the configuration are reported elsewhere. */
function configuredTransport({ host }: Properties, context: Context): string | undefined {
  if (host !== undefined && typeof host !== "string") return undefined;
  try {
    return isUnknown(host) ? undefined : context.host(host).transport;
  } catch {
    return undefined;
  }
}

async function clone(
  host: EsxiHost,
  source: CloneSource,
  settings: Settings,
  { mark, wishes }: VmToMake,
  transport: Transport,
  context: Context,
): Promise<ObservedVm> {
  const { name, mode, poweredOnSource } = settings;
  const options = runOptions(context);
  const way = transport === "ssh" ? shellSnapshots(await shellOf(host).open()) : apiSnapshots(host);
  const cleaned = await withoutLeftSnapshots(host, source, way, options);
  refuseUncloneable(host, cleaned, { mode, poweredOnSource });
  const { bootOrder, firmware } = settings;
  if (transport === "ssh" && bootOrder) refuseInVmx({ bootOrder, firmware }, cleaned.config.firmware);
  const request = {
    source: cleaned,
    name,
    datastore: settings.datastore,
    folder: settings.folder,
    resourcePool: settings.resourcePool,
    diskProvisioning: settings.diskProvisioning ?? "thin",
    adapters: settings.networkInterfaces,
    settings: wishes,
    mark,
  } as const;
  return madeVm(host, await MAKING[mode][transport](host, request, options), name);
}

const MAKING = {
  full: { api: cloneFullByApi, ssh: cloneFullBySsh },
  linked: { api: cloneLinkedByApi, ssh: cloneLinkedBySsh },
} as const;

function clonedFrom({ name, instanceUuid, vmxPath }: CloneSource): Properties {
  return { clonedFrom: { name, instanceUuid, vmxPath: formatDatastorePath(vmxPath) } };
}

/** True if the program only names the same machine in another way than before. */
function isSameSource(olds: Properties, news: Properties): boolean {
  const { clonedFrom: from } = olds;
  if (typeof from !== "object" || from === null || typeof news.source !== "string") return false;
  return Object.values(from).includes(news.source);
}
