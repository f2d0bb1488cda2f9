import type { HttpNfcLeaseInfo, OvfFileItem } from "../../../schema/index.ts";
import type { HttpNfcLease } from "../../nfc/index.ts";
import { displayUrl } from "../../ovf/source/http-client.ts";
import { type PullSource, pullSource } from "../../ovf/source/pull-source.ts";
import { serverThumbprint } from "../../ovf/source/server-thumbprint.ts";
import type { OvaSource } from "../../ovf/source/source.ts";
import { create } from "../../vim/codec/objects.ts";
import { VimFault } from "../../vim/faults.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { INSTEAD, METHOD, unableWords } from "./too-old.ts";
import { filesAsked } from "./upload-files.ts";

interface PullJob {
  /** The VM that is made, for messages. */
  readonly name: string;
  /** URL of the OVA or OVF, with whatever secrets it has. */
  readonly location: string;
  readonly lease: HttpNfcLease;
  readonly info: HttpNfcLeaseInfo;
  readonly fileItems: readonly OvfFileItem[];
  readonly source: OvaSource;
}

interface PullOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
}

/**
 * Lets the host fetch the files that it wants from where they are. Compares the digests that the host tells with
 * those of the manifest.
 * @throws HostError if it cannot fetch one, or has got something else. The caller must then abort the lease.
 */
export async function pullFiles(host: EsxiHost, job: PullJob, options: PullOptions): Promise<void> {
  const { lease, location, source } = job;
  if (!(await lease.pulls(options.signal))) throw unable(host, "it says so of its lease");
  const files = filesAsked(host, job).map(({ item, device, file }) => ({
    item,
    device,
    file,
    from: pullSource(location, source, file),
  }));
  const thumbprints = await thumbprintsOf(
    files.map(({ from }) => from),
    options.signal,
  );
  const sourceFiles = files.map(({ item, device, file, from: { url, authorization, memberName } }) =>
    create("HttpNfcLeaseSourceFile", {
      targetDeviceId: device.importKey,
      url,
      memberName,
      create: item.create,
      sslThumbprint: thumbprints.get(new URL(url).origin),
      ...(authorization !== undefined && {
        httpHeaders: [create("KeyValue", { key: "Authorization", value: authorization })],
      }),
      ...(memberName === undefined && { size: file.storedBytes }),
    }),
  );
  let done = 0;
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  lease.startProgress({ percent: () => done, onFailure: (error) => ended.abort(error) });
  try {
    const asked = files.flatMap(({ device, from }) =>
      from.digest ? [[device.key, from.digest.algorithm] as const] : [],
    );
    if (asked.length > 0) await lease.setChecksumTypes(asked, signal);
    options.onStatus(`${host.name} fetches ${displayUrl(location)}`);
    await host.task(() => host.client.call(lease.ref, METHOD, { files: sourceFiles }), {
      signal,
      onProgress: (percent) => {
        done = percent;
        options.onStatus(`${host.name} fetches ${displayUrl(location)}: ${percent}%`);
      },
    });
  } catch (error) {
    if (!(error instanceof VimFault)) throw error;
    if (
      ["NotSupported", "MethodNotFound", "NotImplemented", "RestrictedVersion"].some((type) => error.is(type))
    )
      throw unable(host, `it answers ${error.faultType}`);
    const said = withoutSecrets(
      error.hostMessage || error.faultType,
      sourceFiles.map(({ url }) => url),
    );
    throw new HostError(
      `${host.name} could not fetch ${displayUrl(location)} for "${job.name}": ${said}. The machine was not made. See ` +
        `whether that host reaches the web server: its own network and name server count, and no proxy. ${INSTEAD}`,
    );
  }
  const told = new Map((await lease.manifest(options.signal)).map((entry) => [entry.key, entry]));
  for (const { device, file, from } of files) {
    if (from.digest === undefined) continue;
    const { algorithm, digest } = from.digest;
    const entry = told.get(device.key);
    const found =
      entry?.checksumType === algorithm ? entry.checksum : algorithm === "sha1" ? entry?.sha1 : undefined;
    if (found?.toLowerCase() === digest) continue;
    const what = `the ${algorithm.toUpperCase()} of ${file.href}`;
    throw new HostError(
      found === undefined
        ? `${host.name} does not tell ${what} that it has fetched for "${job.name}", so nobody can say that it is the right ` +
            `one. The machine was not made. ${INSTEAD}`
        : `${host.name} has fetched another file than ${source.location} names, for "${job.name}": ${what} is ${found}, ` +
            `${source.manifest?.name ?? "the manifest"} says ${digest}. The machine was not made. Run \`pulumi up\` again; if it ` +
            "stays so, the file on the web server is damaged.",
    );
  }
}

const unable = ({ name }: EsxiHost, why: string): HostError => new HostError(unableWords(name, why));

/** For each server with a certificate, by its origin. */
async function thumbprintsOf(
  from: readonly PullSource[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const servers = new Map(from.map(({ url }) => [new URL(url).origin, new URL(url)]));
  const found = new Map<string, string>();
  for (const [origin, url] of servers) {
    if (url.protocol === "https:") found.set(origin, await serverThumbprint(url, signal));
  }
  return found;
}

/** The host's text may repeat a URL, and its query may be a signature. */
function withoutSecrets(text: string, urls: readonly string[]): string {
  let shown = text;
  for (const url of urls) {
    shown = shown.replaceAll(url, displayUrl(url));
    const { search } = new URL(url);
    if (search.length > 1) shown = shown.replaceAll(search.slice(1), "…");
  }
  return shown;
}
