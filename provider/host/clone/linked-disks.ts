import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { copyOfChild, parseChild } from "../../vmdk/child-descriptor.ts";
import { disksOf } from "../../vmx/devices.ts";
import type { Vmx } from "../../vmx/vmx.ts";
import { type DatastorePath, inFolder, toHostPath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway } from "../grace.ts";
import { perHost } from "../per-host.ts";
import { clearLinking, removeLinking } from "../shell/linking-folder.ts";
import { chainOf } from "../vm/reading/disk-chain.ts";
import { copyName } from "./clone-files.ts";
import { hostedReason, uncloneable } from "./clone-refusals.ts";
import type { CloneOptions, CloneRequest } from "./clone-request.ts";
import { type Child, firstChildren, readChild } from "./first-children.ts";
import { linkingName } from "./linking-name.ts";

/** The disks of a linked clone that are to be made. */
interface Linking {
  readonly original: Vmx;
  /** Paths of the source's disks in the host's own file system, by device. */
  readonly disks: ReadonlyMap<string, string>;
  /** The clone's own folder. */
  readonly folder: DatastorePath;
  /** The name that its files share. */
  readonly base: string;
  readonly request: CloneRequest;
}

/**
 * Gives a linked clone its disks: copies of children of the source's disks to which nobody has written. After a
 * snapshot the source itself may have such children, and these are copied. If it has none, the host makes some, once
 * for all clones that are made at the same time.
 *
 * @returns File name of each disk, by the disk's device.
 */
export async function linkDisks(
  host: EsxiHost,
  shell: EsxiShell,
  linking: Linking,
  options: CloneOptions,
): Promise<Map<string, string>> {
  const { original, folder, base, request } = linking;
  const { signal, onStatus } = options;
  onStatus(`linking to "${request.source.name}"`);
  const names = new Map<string, string>();
  const place = inFolder(folder, linkingName(request.mark));
  try {
    const { children, release } = await takeChildren(host, shell, linking, options);
    try {
      await copyChildren(children);
    } finally {
      await release();
    }
    const isOurs = children.some((child) => child.folder === toHostPath(place));
    if (isOurs) await clearLinking(shell, place, options);
    return names;
  } catch (error) {
    // The first error is the one to report. The next run removes what stays.
    const remove = (limit: AbortSignal) =>
      removeLinking(host, shell, folder, request.mark, { ...options, signal: limit });
    await clearAway(signal, remove).catch(() => {});
    throw error;
  }

  async function copyChildren(children: readonly Child[]): Promise<void> {
    for (const [index, { device }] of disksOf(original).entries()) {
      const child = children.find((one) => one.device === device);
      if (child === undefined) throw new Error(`Every disk has a child by now, ${device} has none.`);
      const name = copyName(base, index);
      await copyChild(host, shell, child, toHostPath(folder), name, request, signal);
      names.set(device, name);
    }
  }
}

/** Copies a child: its few bytes, and a descriptor with the whole path of the parent. */
async function copyChild(
  host: EsxiHost,
  shell: EsxiShell,
  { folder, name, descriptor }: Child,
  target: string,
  newName: string,
  { source }: CloneRequest,
  signal: AbortSignal,
): Promise<void> {
  const child = parseChild(descriptor);
  if (child === undefined) throw uncloneable(host.name, source, hostedReason(name, "several files"));
  const [stem, newStem] = [name, newName].map((file) => file.replace(/\.vmdk$/, ""));
  const ending = child.extent.startsWith(`${stem}-`) ? child.extent.slice(stem?.length) : "-delta.vmdk";
  const extent = `${newStem}${ending}`;
  signal.throwIfAborted();
  await shell.copyFile(`${folder}/${child.extent}`, `${target}/${extent}`, aMomentAfter(signal));
  const parent = child.parent.startsWith("/") ? child.parent : `${folder}/${child.parent}`;
  const text = new TextEncoder().encode(copyOfChild(descriptor, { parent, extent }));
  await shell.writeInPlace(`${target}/${newName}`, text, aMomentAfter(signal));
}

/** Children of a source's disks, for all clones that are made of it now. */
interface Shared {
  users: number;
  readonly made: Promise<readonly Child[]>;
  /** Called when the last clone has copied them. */
  unused: () => void;
}

const sources = perHost((_host: EsxiHost) => new Map<string, Shared>());

interface Taken {
  readonly children: readonly Child[];
  /**
   * Must be called when they are copied. The clone that has made them waits here for all others that copy them. Never
   * throws.
   */
  release(): Promise<void>;
}

async function takeChildren(
  host: EsxiHost,
  shell: EsxiShell,
  linking: Linking,
  options: CloneOptions,
): Promise<Taken> {
  const { source } = linking.request;
  const key = JSON.stringify([source.ref.value, source.config.changeVersion, source.disks.map(chainOf)]);
  const known = sources(host).get(key);
  if (known === undefined) return makeChildren(host, shell, linking, options, key);
  known.users++;
  const release = async () => {
    known.users--;
    if (known.users === 0) known.unused();
  };
  try {
    return { children: await known.made, release };
  } catch {
    await release();
    options.signal.throwIfAborted();
    // The clone that was to make them has failed, perhaps because it was told to stop. The next one makes its own.
    return takeChildren(host, shell, linking, options);
  }
}

async function makeChildren(
  host: EsxiHost,
  shell: EsxiShell,
  linking: Linking,
  options: CloneOptions,
  key: string,
): Promise<Taken> {
  const { original, disks, folder, request } = linking;
  const made = (async () =>
    (await ownChildren(shell, linking, options.signal)) ??
    (await firstChildren(host, shell, folder, original, disks, request, options)))();
  let unused = () => {};
  const isUnused = new Promise<void>((resolve) => {
    unused = resolve;
  });
  const shared: Shared = { users: 1, made, unused };
  sources(host).set(key, shared);
  const release = async () => {
    if (sources(host).get(key) === shared) sources(host).delete(key);
    shared.users--;
    if (shared.users > 0) await isUnused;
  };
  try {
    return { children: await made, release };
  } catch (error) {
    sources(host).delete(key);
    throw error;
  }
}

/** The source's own present disks, if each is a child to which nobody has written. */
async function ownChildren(
  shell: EsxiShell,
  { original, disks, request }: Linking,
  signal: AbortSignal,
): Promise<readonly Child[] | undefined> {
  // A disk that builds on no other is not a child.
  if (request.source.disks.some((disk) => chainOf(disk).length < 2)) return undefined;
  const children: Child[] = [];
  for (const { device } of disksOf(original)) {
    const path = disks.get(device) ?? "";
    const slash = path.lastIndexOf("/");
    const real = await shell.realPath(path.slice(0, slash), signal);
    const child = await readChild(shell, real, path.slice(slash + 1), device, signal);
    if (child === undefined) return undefined;
    children.push(child);
  }
  return children;
}
