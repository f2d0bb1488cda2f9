import { createHash } from "node:crypto";
import * as v from "valibot";
import type { ManagedObjectReference } from "../../../schema/index.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { refuseWithChildren } from "../../host/file-use/refuse-loss.ts";
import { clearAway } from "../../host/grace.ts";
import { HostError } from "../../host/host-error.ts";
import { findVm } from "../../host/inventory/find-vm.ts";
import { keyOf } from "../../host/inventory/vm-by-key.ts";
import { othersEnded } from "../../host/others-tasks.ts";
import { identityOf } from "../../host/vm/reading/vm-identity.ts";
import { isSameName } from "../../host/vm/reading/vm-name.ts";
import type { VmIdentity } from "../../host/vm/reading/vm-of-state.ts";
import { snapshotControl, whyNotRenamed } from "../../host/vm/snapshot-control.ts";
import { type ObservedSnapshot, type SnapshotsOfVm, snapshotsOf } from "../../host/vm/vm-snapshots.ts";
import { type Found, takeOver } from "../frame/adopt.ts";

import { hostResource, hostResourceEntries, type Job } from "../frame/host-resource.ts";
import type { Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { gone, text as textOf } from "../frame/own-host.ts";
import { changedSettings, describeSettings } from "../inputs/setting-diff.ts";
import { name, text, unknownSetting, yesOrNo } from "../inputs/setting-forms.ts";
import { thisRunOn } from "../preview/this-run.ts";
import { needing } from "../preview/wanted-names.ts";
import { type Bearing, UNMARKED, whyNotOurs } from "../take-back/whose.ts";

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    adopt: v.optional(yesOrNo),
    vm: name,
    name: v.pipe(name, v.maxLength(80, "must have at most 80 characters")),
    description: v.optional(text),
    memory: v.optional(yesOrNo, false),
    quiesce: v.optional(yesOrNo, false),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

const RULES = { shown: ["name", "description", "vm"] };

const calledAs = ({ name }: Properties) => `The snapshot "${String(name)}"`;

/** The lifecycle of {@link VmSnapshot}, in the dynamic-provider process. */
export const vmSnapshot: Lifecycle = hostResource({
  what: calledAs,
  schema,
  outputs: ["snapshotMoid", "createTime", "vmName", "vmInstanceUuid"],
  replacing: ["vm", "memory", "quiesce"],
  inPlace: ["name", "description"],
  rules: RULES,

  wants: ({ vm, adopt }) => ({ needs: needing("virtual machine", "vm", vm), adopts: adopt === true }),

  async finds(settings, { host }) {
    const machine = textOf(settings.vm);
    if (machine === undefined) return undefined;
    const vm = await findVm(host, keyOf(machine), machine);
    const all = (await snapshotsOf(host, vm))?.snapshots ?? [];
    const [found, another] = all.filter((one) => one.name === settings.name);
    if (another) throw severalCalled(host, String(settings.name), vm.name);
    return found && { found: foundAs(vm, found), wanted: settings };
  },

  async unchangeable(olds, news, host) {
    const machine = textOf(news.vm);
    const isRenamed = changedSettings(["name", "description"], olds, news, RULES).length > 0;
    const isReplaced = changedSettings(["vm", "memory", "quiesce"], olds, news, RULES).length > 0;
    if (machine === undefined || !isRenamed || isReplaced) return undefined;
    const vm = await findVm(host, keyOf(machine), machine);
    // The same run may power it off first.
    const changed = thisRunOn(host).makings("virtual machine");
    if (changed.some(({ name: called }) => isSameName(called, vm.name))) return undefined;
    return whyNotRenamed(host, vm, { name: String(olds.name) });
  },

  // A name and a UUID may name the same machine.
  align: (olds, news) =>
    [olds.vmName, olds.vmInstanceUuid].includes(news.vm) ? { ...olds, vm: news.vm } : olds,

  async create(settings, job) {
    const { host, context, urn, exists } = job;
    const { signal, progress } = context;
    const vm = await findVm(host, keyOf(settings.vm), settings.vm);
    identityOf(host, vm);
    const control = await snapshotControl(host);
    const { memory, quiesce } = settings;
    const description = settings.description ?? "";
    const whole = withMark(description, urn, vm.instanceUuid, settings);
    const mark = unfinishedMark(urn);
    // Texts that cannot be changed later must be in the snapshot from the beginning. A killed run's snapshot is known
    // by them then.
    const first = control.keepsTexts ? whole : `${description}${mark}`;
    // A task that a killed run has begun must end first.
    await othersEnded(host, /createSnapshot/i, signal);
    const before = (await snapshotsOf(host, vm))?.snapshots ?? [];
    const isOurs = (one: ObservedSnapshot) =>
      control.keepsTexts
        ? one.name === settings.name && one.description === whole
        : one.description.endsWith(mark);
    const findOurs = async () => (await snapshotsOf(host, vm))?.snapshots.find(isOurs);
    const ours = before.find(isOurs);
    const own = before.filter((one) => parseMark(one.description)?.of === ownerOf(urn, vm.instanceUuid));
    const [called, another] = before.filter((one) => one.name === settings.name);
    const found = (context.takeBack ? own[0] : undefined) ?? called;
    if (found && !ours) {
      const { what } = foundAs(vm, found);
      const plain = withoutMark(found.description);
      const why = await whyNotOurs(job, what, onlyNew(found, settings), bearingOf(found, own, urn));
      if (why === undefined) {
        exists(idOf(vm.instanceUuid, found), outputsOf(vm, { ...found, description: plain }));
        const outs = await asWished(job, vm, found, settings);
        return { id: idOf(vm.instanceUuid, found), outs };
      }
      if (settings.adopt && another) throw severalCalled(host, settings.name, vm.name);
      takeOver(host, settings, { ...foundAs(vm, found), why });
      // The snapshot belongs to this resource now. The one that made it must not take it back.
      if (plain !== found.description) await control.rename(vm, found, { description: plain }, signal);
      return { id: idOf(vm.instanceUuid, found), outs: outputsOf(vm, { ...found, description: plain }) };
    }
    let taking: ManagedObjectReference | undefined;
    if (!ours) {
      progress.status("taking the snapshot");
      const wish = { name: settings.name, description: first, memory, quiesce };
      const onProgress = (percent: number) => progress.status(`taking the snapshot, ${percent}%`);
      taking = await control.take(vm, wish, isOurs, { signal, onProgress });
    }
    const made = taking;
    const taken = await findOurs().catch(async (error) => {
      // Pulumi does not know the snapshot yet, so a destroy would leave it. The first error is the one to report.
      const removed =
        made && clearAway(signal, (limit) => control.remove(vm, { ref: made }, { signal: limit }));
      await removed?.catch(() => {});
      throw error;
    });
    if (!taken)
      throw new HostError(
        `${host.name} took the snapshot of "${vm.name}", but does not have it any more. Run \`pulumi up\` again.`,
      );
    const id = idOf(vm.instanceUuid, taken);
    const outs = outputsOf(vm, { ...taken, description });
    exists(id, outs);
    // This comes last: a run that is killed before it finds its own snapshot again.
    if (taken.description !== whole) await control.rename(vm, taken, { description: whole }, signal);
    return { id, outs };
  },

  async read(id, props, { host }) {
    const found = await findSnapshot(host, id, props);
    if (!found) return undefined;
    const description = withoutMark(found.snapshot.description);
    return outputsOf(found.vm, { ...found.snapshot, description });
  },

  async update(id, olds, settings, job) {
    const { host } = job;
    const found = await findSnapshot(host, id, olds);
    if (!found) throw gone(host, calledAs(olds));
    return asWished(job, found.vm, found.snapshot, settings);
  },

  async delete(id, props, { host, context }) {
    const found = await findSnapshot(host, id, props);
    if (!found) return;
    await refuseWithLinkedClones(host, found.vm, String(props.name));
    await remove(host, found.vm, found.snapshot, context);
  },
});

const foundAs = (vm: { readonly name: string }, { name: called, description }: ObservedSnapshot): Found => ({
  what: `the snapshot "${called}" of "${vm.name}"`,
  now: { description: withoutMark(description) },
  keys: ["description"],
  rules: RULES,
});

/** Gives it its name and description, with the mark behind the description. */
async function asWished(
  { host, context, urn }: Job,
  vm: Pick<SnapshotsOfVm, "moid" | "name" | "instanceUuid" | "vmxPath">,
  snapshot: ObservedSnapshot,
  settings: Settings,
): Promise<Properties> {
  const { name: called, memory, quiesce } = settings;
  const description = settings.description ?? withoutMark(snapshot.description);
  const whole = withMark(description, urn, vm.instanceUuid, { memory, quiesce });
  if (called !== snapshot.name || whole !== snapshot.description) {
    context.progress.status("renaming");
    const control = await snapshotControl(host);
    await control.rename(vm, snapshot, { name: called, description: whole }, context.signal);
  }
  return outputsOf(vm, { ...snapshot, name: called, description });
}

/** How a snapshot was taken. Its mark records this, because the host does not. */
type Kind = Pick<Settings, "memory" | "quiesce">;

/** The end of a snapshot's description until Pulumi knows it. It tells a later run whose it is. */
const unfinishedMark = (urn: string): string => `[pulumi-esxi-direct ${short(urn)}]`;

/**
 * A description with the mark that stays at its end. The mark is deleted with the snapshot, and stays when the machine
 * is reverted. It names the machine, because a copy of the machine has the text as well.
 */
function withMark(description: string, urn: string, instanceUuid: string, kind: Kind): string {
  const words = [ownerOf(urn, instanceUuid), kind.memory ? "memory" : "", kind.quiesce ? "quiesced" : ""];
  const mark = `[pulumi-esxi-direct ${words.filter((word) => word !== "").join(" ")}]`;
  return description === "" ? mark : `${description} ${mark}`;
}

const MARK = / ?\[pulumi-esxi-direct ([\da-f]{16})( memory)?( quiesced)?\]$/;

const ownerOf = (urn: string, instanceUuid: string): string => short(`${urn} ${instanceUuid}`);

function parseMark(description: string): (Kind & { readonly of: string }) | undefined {
  const [, of, memory, quiesce] = MARK.exec(description) ?? [];
  return of === undefined ? undefined : { of, memory: memory !== undefined, quiesce: quiesce !== undefined };
}

const withoutMark = (description: string): string => description.replace(MARK, "");

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** The owner of a snapshot. Nobody writes to a snapshot once it is taken, so its content is unchanged. */
function bearingOf(found: ObservedSnapshot, own: readonly ObservedSnapshot[], urn: string): Bearing {
  if (parseMark(found.description) === undefined) return UNMARKED;
  const another = "that its description names by a digest";
  return { ...UNMARKED, urn: own.includes(found) ? urn : another, isUnchanged: async () => true };
}

/** The differences that only a new snapshot could follow. */
function onlyNew({ description }: ObservedSnapshot, settings: Settings): string {
  const now = { memory: false, quiesce: false, ...parseMark(description) };
  return describeSettings(changedSettings(["memory", "quiesce"], now, settings, RULES), now, settings, RULES);
}

/** A snapshot's number is unique in its machine. Its object id may change when the machine is registered again. */
const idOf = (instanceUuid: string, { id }: ObservedSnapshot): string => `${instanceUuid}/${id}`;

/** The machine in state. The host's own id of a snapshot begins with that of its machine. */
function machineOf(id: string, props: Properties): VmIdentity {
  const [instanceUuid = ""] = id.split("/");
  const [, moid] = /^(.+)-snapshot-\d+$/.exec(textOf(props.snapshotMoid) ?? "") ?? [];
  return { instanceUuid, moid, vmxPath: textOf(props.__vmxPath), name: textOf(props.vmName) };
}

async function findSnapshot(host: EsxiHost, id: string, props: Properties) {
  const [, number] = id.split("/");
  const vm = await snapshotsOf(host, machineOf(id, props));
  const snapshot = vm?.snapshots.find((one) => String(one.id) === number);
  return vm && snapshot && { vm, snapshot };
}

function severalCalled(host: EsxiHost, called: string, vmName: string): HostError {
  return new HostError(
    `${host.name}: "${vmName}" has several snapshots "${called}", so none of them is adopted. Nothing was changed. ` +
      "Rename all but the one that is meant in the host's client.",
  );
}

/** Removing a snapshot writes to the disks below it, and linked clones may build on those. */
async function refuseWithLinkedClones(host: EsxiHost, identity: VmIdentity, name: string): Promise<void> {
  const vm = await host.vms.identified(identity);
  if (vm) await refuseWithChildren(host, vm, `remove its snapshot "${name}"`);
}

async function remove(
  host: EsxiHost,
  vm: SnapshotsOfVm,
  snapshot: ObservedSnapshot,
  { signal, progress }: Context,
): Promise<void> {
  progress.status("removing the snapshot");
  const control = await snapshotControl(host);
  await control.remove(vm, snapshot, {
    signal,
    onProgress: (percent) => progress.status(`removing the snapshot, ${percent}%`),
  });
}

function outputsOf(
  vm: { readonly name: string; readonly instanceUuid: string; readonly vmxPath: string },
  { ref, name: called, description, createTime }: ObservedSnapshot,
): Properties {
  return {
    name: called,
    description,
    snapshotMoid: ref.value,
    createTime,
    vmName: vm.name,
    vmInstanceUuid: vm.instanceUuid,
    __vmxPath: vm.vmxPath,
  };
}
