import * as v from "valibot";
import { formatDatastorePath } from "../../host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import { findDatastore } from "../../host/inventory/named-places.ts";
import { createVm } from "../../host/vm/create-vm.ts";
import type { ObservedVm } from "../../host/vm/reading/observed-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY } from "../../host/vm/reading/owner-mark.ts";
import { encodeVmName } from "../../host/vm/reading/vm-name.ts";
import { mergeSpecs } from "../../host/vm/settings/merge-specs.ts";
import { specOfNew, wishesAmong } from "../../host/vm/settings/wishes.ts";
import { powerOnVm } from "../../host/vm/vm-power.ts";
import { refuseInVmx } from "../../host/vm/vmx/write-vmx.ts";
import type { CheckFailure, Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { runOptions } from "../frame/run-options.ts";
import { checkInputs } from "../inputs/check-inputs.ts";
import { unknownSetting } from "../inputs/setting-forms.ts";
import { vmWants } from "./checks/vm-wants.ts";
import { madeVm } from "./life/made-vm.ts";
import { powerOnInTurn } from "./life/power-on-in-turn.ts";
import { type VmToMake, vmLifecycle } from "./life/vm-lifecycle.ts";
import { newDiskRules } from "./settings/disk-rules.ts";
import { vmEntries } from "./settings/settings.ts";
import { VM_OUTPUTS } from "./vm-outputs.ts";

const schema = v.strictObject(
  {
    ...vmEntries,
    numCpus: v.optional(vmEntries.numCpus, 1),
    memory: v.optional(vmEntries.memory, 1024),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

/** Settings that need devices which the host makes. */
const LATER = ["bootOrder", "videoMemory"] as const;

/** The guest id for any 64-bit guest. */
const DEFAULT_GUEST = "otherGuest64";

/** The lifecycle of {@link ScratchVm}, in the dynamic-provider process. */
export const scratchVm: Lifecycle = {
  wants: (inputs) => vmWants(inputs, { onOnlyDatastore: true }),

  ...vmLifecycle({
    schema,
    outputs: VM_OUTPUTS,
    own: {},
    makesNew: true,
    rules: (inputs, olds) => [
      ...newDiskRules(inputs),
      ...(Object.keys(olds).length === 0 ? withoutPlace(inputs) : []),
    ],
    async toCreate(host, settings, context, { transport }) {
      if (transport === "api") return { make: (vm) => build(host, settings, vm, context) };
      refuseInVmx(wishesAmong(settings), settings.firmware);
      return { make: (vm) => buildBySsh(host, settings, vm, context) };
    },
    toUpdate: async () => ({}),
  }),
};

/** Drives for which a new machine has no place, or not the one that is asked for. */
function withoutPlace(inputs: Properties): CheckFailure[] {
  const { known } = checkInputs(schema, inputs, VM_OUTPUTS);
  if (known === undefined || known.adopt !== undefined) return [];
  try {
    specOfNew(wishesAmong(known), known.name);
    return [];
  } catch (error) {
    if (error instanceof HostError) return [{ property: "disks", reason: error.message }];
    throw error;
  }
}

/** Its drives and ports come with the settings that are written into its `.vmx` file. */
async function buildBySsh(
  host: EsxiHost,
  settings: Settings,
  { mark, wishes }: VmToMake,
  context: Context,
): Promise<ObservedVm> {
  context.progress.status("creating");
  const { buildVmBySsh } = await import("../../host/shell/vm/build-vm.ts");
  const { name, datastore, resourcePool, networkInterfaces, guestId = DEFAULT_GUEST } = settings;
  // A host generates MAC addresses when it registers a machine, or starts it.
  const configuration = { ...wishes, networkInterfaces };
  return buildVmBySsh(
    host,
    { name, datastore, resourcePool, guestId, wishes: configuration, mark },
    runOptions(context),
  );
}

async function build(
  host: EsxiHost,
  settings: Settings,
  { mark, wishes }: VmToMake,
  context: Context,
): Promise<ObservedVm> {
  const { signal, progress } = context;
  const datastore = await findDatastore(host, settings.datastore);
  progress.status("creating");
  const extraConfig = { ...wishes.extraConfig, [OWNER_MARK_KEY]: formatOwnerMark(mark) };
  const config = mergeSpecs([
    {
      name: encodeVmName(settings.name),
      guestId: DEFAULT_GUEST,
      files: { vmPathName: formatDatastorePath({ datastore: datastore.name, path: "" }) },
    },
    specOfNew({ ...wishesAmong(settings), ...wishes, extraConfig }, settings.name),
  ]);
  const ref = await createVm(host, config, settings.resourcePool, signal);
  if (settings.powerOn && LATER.every((key) => settings[key] === undefined)) {
    progress.status("powering on");
    // The machine is whole now, and one read serves everything that follows. If the power-on fails here, it is tried
    // again and reported later, when the machine is known.
    const powerOn = () => powerOnVm(host, { ref, name: settings.name }, signal);
    await powerOnInTurn(host, ref, powerOn, context).catch(() => {});
  }
  return madeVm(host, ref, settings.name);
}
