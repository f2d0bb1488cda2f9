import { createHash } from "node:crypto";
import type * as v from "valibot";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { refuseUnknownDisks } from "../../../host/file-use/refuse-loss.ts";
import { HostError } from "../../../host/host-error.ts";
import { type Settled, settledMark } from "../../../host/move/move-vm.ts";
import { othersEnded } from "../../../host/others-tasks.ts";
import type { EnvironmentCd } from "../../../host/ovf-environment/place-iso.ts";
import { askedTransport } from "../../../host/shell/choose-transport.ts";
import { type VmWay, vmWay } from "../../../host/shell/vm/vm-way.ts";
import { observeAutoStart, startOrderKeys } from "../../../host/vm/auto-start.ts";
import { refuseHardwareVersion } from "../../../host/vm/hardware-support.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import {
  formatOwnerMark,
  isOfSameCreate,
  OWNER_MARK_KEY,
  type OwnerMark,
} from "../../../host/vm/reading/owner-mark.ts";
import { identityOf } from "../../../host/vm/reading/vm-identity.ts";
import { isNameTaken } from "../../../host/vm/reading/vm-name.ts";
import type { ConfigWishes, VmWishes } from "../../../host/vm/settings/settings.ts";
import { configWishesAmong, observeWishes, wishesAmong } from "../../../host/vm/settings/wishes.ts";
import { removeHalfMade } from "../../../host/vm/unfinished/remove-half-made.ts";
import { isUnfinished } from "../../../host/vm/unfinished/remove-unfinished.ts";
import { ownSession } from "../../../host/vm/unfinished/session-owner.ts";
import type { VmControl } from "../../../host/vm/vm-control.ts";
import { COPYING_SECONDS, timed } from "../../frame/deadline.ts";
import { hostProblem } from "../../frame/host-problem.ts";
import type { CheckFailure, Context, Lifecycle, Properties } from "../../frame/lifecycle.ts";
import { withIgnoredNow } from "../../frame/pulumi-options/ignore-changes.ts";
import { runOptions } from "../../frame/run-options.ts";
import { isLeftUnfinished, stateOf, urnOf } from "../../frame/state.ts";
import { parseInputs } from "../../inputs/check-inputs.ts";
import { refuseUnknownNames } from "../checks/refuse-unknown-names.ts";
import { vmWarnings } from "../checks/vm-warnings.ts";
import { changesPlace, moveAsAsked, PLACE_KEYS, settledVm, whyUnmovable } from "../place/move-vm.ts";
import { guestKeys } from "../settings/guest.ts";
import type { SettingChange } from "../settings/setting.ts";
import { VM_SETTINGS } from "../settings/settings.ts";
import { adoptionFailures, adoptVm, asSaid } from "./adopt-vm.ts";
import { claimName } from "./claim-name.ts";
import { diffByWay } from "./diff-by-way.ts";
import { finishVm, RAN } from "./finish-vm.ts";
import { deleteVm, findOwnVm, readVm } from "./vm-life.ts";
import { checkVm, type VmSettings } from "./vm-settings.ts";
import { vmOutputs } from "./vm-state.ts";
import { isToRun, powerOffToChange } from "./vm-sync.ts";

type Texts = Readonly<Record<string, string>>;

/** What a resource's VM has beyond the settings of all VMs. */
interface VmFurther {
  /** What of the configuration is to be as it says, beside what the settings say. */
  readonly wishes?: VmWishes | undefined;
  /** Advanced settings beside those that the program asks for. */
  readonly extraConfig?: Texts | undefined;
  /** Outputs beyond those that every VM has. */
  readonly further?: Properties | undefined;
  /** The CD with the OVF environment that the VM is to have. Default: nobody asks. */
  readonly environmentCd?: EnvironmentCd | undefined;
}

/** A VM that is to be made. */
export interface VmToMake {
  readonly mark: OwnerMark;
  /** What of its configuration is to be as it says from the beginning. */
  readonly wishes: ConfigWishes;
  /** Looks again whether the name is free, and clears away what an interrupted run of this resource has left. */
  readonly claim: () => Promise<ObservedVm | undefined>;
}

/** What a create needs beyond {@link VmFurther}. */
interface VmMaking extends VmFurther {
  /** How many disks are copied for it. A killed run may leave some, and tasks of others may still write them. */
  readonly copies?: number;
  /** Makes the VM, powered off. */
  make(vm: VmToMake): Promise<ObservedVm>;
}

/** What one kind of virtual machine has of its own. All kinds share the rest. */
export interface VmKind<Schema extends v.GenericSchema<unknown, VmSettings>> {
  readonly schema: Schema;
  /** Names of outputs that are not inputs. */
  readonly outputs: readonly string[];
  /** Settings that no other kind of machine has, or that cost something else of this one. */
  readonly own: Readonly<Record<string, SettingChange>>;
  /** Whether its machines begin with what the program says. Others begin with what an OVA or a source has. */
  readonly makesNew: boolean;
  /** What is wrong with inputs that is no matter of other kinds. Contacts no host. */
  rules?(inputs: Properties, olds: Properties, context: Context): CheckFailure[];
  /** The old outputs as they are to be compared with the new inputs. */
  align?(olds: Properties, news: Properties): Properties;
  /** Gets ready to make a VM. What it refuses, it refuses before anything is written. */
  toCreate(host: EsxiHost, settings: v.InferOutput<Schema>, context: Context, way: VmWay): Promise<VmMaking>;
  toUpdate(
    host: EsxiHost,
    settings: v.InferOutput<Schema>,
    olds: Properties,
    context: Context,
    vm: ObservedVm,
    way: VmWay,
  ): Promise<VmFurther>;
  /** What a refresh learns beyond what every VM has. */
  toRead?(host: EsxiHost, vm: ObservedVm, props: Properties, signal: AbortSignal): Promise<Properties>;
}

/** The same steps for every kind of virtual machine. */
export function vmLifecycle<Schema extends v.GenericSchema<unknown, VmSettings>>(
  kind: VmKind<Schema>,
): Omit<Lifecycle, "wants" | "unadoptable" | "unchangeable"> {
  return {
    async check(olds, news, context) {
      const { inputs, failures } = checkVm(kind.schema, olds, news, kind.outputs);
      for (const warning of vmWarnings(inputs, kind)) context.progress.warn(warning);
      const rules = kind.rules?.(inputs, olds, context) ?? [];
      const told = [...failures, ...rules, ...hostProblem(news.host, context)];
      const unadoptable = told.length === 0 ? await adoptionFailures(inputs, olds, context) : [];
      return { inputs, failures: [...told, ...unadoptable] };
    },

    diff: (_id, olds, news, context) => diffByWay(kind.align?.(olds, news) ?? olds, news, context, kind.own),

    unmovable: (olds, inputs, context) =>
      whyUnmovable(context.host(inputs.host as string | undefined), olds, inputs),

    async create(inputs, base) {
      const settings = parseInputs(kind.schema, inputs, kind.outputs);
      const context = timed(base, settings.timeouts, "create", COPYING_SECONDS);
      const host = context.host(settings.host);
      const urn = urnOf(inputs);
      const digest = createDigest(settings, kind.own);
      askAhead(host);
      await refuseHardwareVersion(host, settings);
      await refuseUnknownNames(host, settings);
      const way = await wayOf(host, settings);
      const making = await kind.toCreate(host, settings, context, way);
      if (settings.adopt !== undefined) {
        const said = asSaid(settings, inputs);
        const vm = await adoptVm(host, said, context);
        const { hostUuid } = await host.facts();
        const outs = vmOutputs(vm, said);
        const read = await kind.toRead?.(host, vm, settings, context.signal);
        const state = stateOf({ ...outs, ...read, ...making.further }, { of: inputs, hostUuid }, "done");
        return { id: vm.instanceUuid, outs: state };
      }
      const remove = way.removeUnfinished;
      const claim = () => claimName(host, { name: settings.name, urn, digest }, context, remove);
      let vm = await claim();
      const isNew = vm === undefined;
      const extraConfig = {
        ...making.extraConfig,
        ...startOrderKeys(settings.autoStart),
        ...guestKeys(settings),
        ...settings.extraConfig,
      };
      if (vm === undefined) {
        const session = await ownSession(host);
        const { copies } = making;
        const mark: OwnerMark = { schema: 1, urn, digest, phase: "creating", session, copies };
        const toMake = { mark, wishes: { ...configWishesAmong(settings), extraConfig }, claim };
        // If the host gives a wrong answer, the machine that it names is never touched.
        const ours = (made: ObservedVm): ObservedVm => {
          if (isOfSameCreate(made.ownerMark, mark)) return made;
          throw new HostError(
            `${host.name} made "${settings.name}", and then named another machine: "${made.name}", which was left alone. ` +
              "Run `pulumi up` again.",
          );
        };
        const make = () =>
          making
            .make(toMake)
            .then(ours)
            .catch(async (error) => {
              await removeHalfMade(host, { name: settings.name, mark }, way, runOptions(context));
              throw error;
            });
        vm = await make().catch(async (error) => {
          // A killed run's own call may have reached the host only now.
          if (!isNameTaken(error)) throw error;
          await othersEnded(host, /createVM/i, context.signal);
          return (await claim()) ?? make();
        });
      }
      const id = identityOf(host, vm);
      const wishes = { ...wishesAmong(settings), extraConfig };
      const outs = await finishVm(
        host,
        vm,
        { settings, wishes, before: {}, inputs, isNew },
        context,
        way.control,
        making,
      );
      return { id, outs };
    },

    read: (id, props, context) => readVm(id, props, context, kind.toRead),

    async update(id, olds, news, base) {
      const asked = asSaid(parseInputs(kind.schema, news, kind.outputs), news);
      const usual = changesPlace(olds, asked) ? COPYING_SECONDS : undefined;
      const context = timed(base, asked.timeouts, "update", usual);
      const { host, vm: found } = await findOwnVm(id, olds, context);
      const settled = await settledVm(host, found, context);
      const { vm } = settled;
      // A machine that was never finished has no values that could stay.
      const settings = await withIgnoredNow(asked, news, olds, async () =>
        (await isUnfinished(host, vm, context.signal)) ? undefined : settingsNow(host, vm, asked),
      );
      await refuseHardwareVersion(host, settings, vm);
      await refuseUnknownNames(host, settings, olds);
      await refuseUnknownDisks(host, vm, olds.disks, wishesAmong(settings).disks);
      const way = await wayOf(host, settings);
      const further = await kind.toUpdate(host, settings, olds, context, vm, way);
      const before = (olds.extraConfig ?? {}) as Texts;
      const gone = Object.fromEntries(Object.keys(before).map((key) => [key, ""]));
      const extraConfig = {
        ...gone,
        ...further.extraConfig,
        ...startOrderKeys(settings.autoStart),
        ...changedGuestKeys(olds, settings),
        ...settings.extraConfig,
      };
      const pooled = await moveToPoolAsAsked(host, settled, settings, olds, context, way.control);
      const { vm: placed, ran } = await moveAsAsked(host, pooled, settings, olds, context, way.control);
      const isElsewhere = pooled !== settled || settledMark(placed, false) !== undefined;
      const newDigest = isElsewhere ? createDigest(settings, kind.own) : undefined;
      const mark = placed.ownerMark;
      // Over SSH the mark can be written only while the machine is off.
      if (pooled !== settled && way.control.changesOnlyWhileOff && mark && mark.urn === olds.__urn)
        Object.assign(extraConfig, {
          [OWNER_MARK_KEY]: formatOwnerMark({
            ...mark,
            ...(newDigest !== undefined && { digest: newDigest }),
          }),
        });
      const goal = {
        settings,
        wishes: { ...wishesAmong(settings), ...further.wishes, extraConfig },
        before,
        inputs: news,
        ranBefore: olds[RAN] === true || (settings.powerOn === "once" && ran),
        ...(newDigest !== undefined && { digest: newDigest }),
      };
      return { outs: await finishVm(host, placed, goal, context, way.control, further) };
    },

    delete: (id, props, context) =>
      deleteVm(id, props, context, async (host) => (await wayOf(host, props)).control),
  };
}

/** Puts a machine into the pool that its program wants it in. @returns The argument if the machine is in that pool already. */
async function moveToPoolAsAsked(
  host: EsxiHost,
  settled: Settled,
  settings: VmSettings & Properties,
  olds: Properties,
  context: Context,
  control: VmControl,
): Promise<Settled> {
  if (olds.resourcePool === undefined && settings.resourcePool === undefined) return settled;
  const { vm } = settled;
  const isOn = vm.powerState !== "poweredOff";
  const { progress, signal } = context;
  const toRun = await isToRun(host, vm, settings, signal, settled.ran);
  const moved = await control.moveToPool(vm, settings.resourcePool, {
    ...runOptions(context),
    powerOff: async () => {
      progress.status("shutting down to be put into another resource pool");
      await powerOffToChange(host, vm, { settings, what: ["resourcePool"], toRun }, context, control);
    },
  });
  if (moved === undefined) return settled;
  progress.status("moved to its resource pool");
  return { vm: moved, ran: settled.ran || isOn };
}

/** The way to change the machine: by its own setting if its kind has one, otherwise by the host's configuration. */
function wayOf(host: EsxiHost, { transport }: Properties): Promise<VmWay> {
  return vmWay(host, askedTransport(transport));
}

/** Asks at once what every create would ask one after the other. The answers are kept for those who ask. */
function askAhead(host: EsxiHost): void {
  for (const answer of [host.vms.recentEntries(), ownSession(host)]) answer.catch(() => {});
}

/**
 * The guest's settings that are new. The guest may clear or change what it was told before, and no other change must
 * tell it that again.
 */
function changedGuestKeys(olds: Properties, settings: VmSettings): Record<string, string> {
  const wanted = guestKeys(settings);
  if (isLeftUnfinished(olds)) return wanted;
  const before = guestKeys(olds);
  const gone = Object.keys(before).map((key): [string, string] => [key, ""]);
  const all = Object.entries({ ...Object.fromEntries(gone), ...wanted });
  return Object.fromEntries(all.filter(([key, value]) => before[key] !== value));
}

/** The values that the host has now of the settings that the program gives. */
async function settingsNow(host: EsxiHost, vm: ObservedVm, { autoStart, powerOn, ...settings }: VmSettings) {
  return {
    ...observeWishes(vm, wishesAmong(settings)),
    ...(autoStart && { autoStart: await observeAutoStart(host, vm.ref, autoStart) }),
    name: vm.name,
    powerOn: powerOn === "once" ? powerOn : vm.powerState === "poweredOn",
  };
}

/** Digest of the inputs that only a new VM can change. */
function createDigest(
  settings: VmSettings & Properties,
  own: Readonly<Record<string, SettingChange>>,
): string {
  // A program may build the same map in another order.
  const stable = (value: unknown) =>
    value instanceof Object ? Object.entries(value).sort() : (value ?? null);
  const all: Readonly<Record<string, SettingChange>> = { ...VM_SETTINGS, ...own };
  const replacing = Object.entries(all).flatMap(([key, { cost }]) => (cost === "replace" ? [key] : []));
  // These settings no longer replace a machine. They stay in the digest, so that marks of earlier releases match.
  for (const key of ["resourcePool", "ovfNetworkMap", ...PLACE_KEYS]) {
    if (key in all && !replacing.includes(key)) replacing.push(key);
  }
  const what = [settings.name, ...replacing.sort().map((key) => stable(settings[key]))];
  return createHash("sha256").update(JSON.stringify(what)).digest("hex");
}
