/** Uploads to `/nfc/<lease>/<file>`: POST and PUT of the files of a lease. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileFault } from "../core/datastore-faults.ts";
import { DatastoreFullError } from "../datastore/datastore-full-error.ts";
import { DiskFormatError } from "../disk/disk-format-error.ts";
import type { FaultRule, FaultRules } from "../faults/rules.ts";
import type { HostContext } from "../host-context.ts";
import type { Lease, LeaseFile } from "../lease/lease.ts";
import type { Leases } from "../lease/leases.ts";
import { receiveInto } from "../lease/receive-into.ts";
import type { RequestEntry, RequestLog } from "./request-log.ts";
import { closed, sleep } from "./wait.ts";

export interface UploadContext {
  readonly host: HostContext & { readonly leases: Leases };
  readonly rules: FaultRules;
  readonly log: RequestLog;
  readonly latencyMs: number;
}

/** Thrown when a fault rule ends the upload. */
class Interrupted extends Error {}

export async function handleUpload(
  request: IncomingMessage,
  response: ServerResponse,
  context: UploadContext,
): Promise<void> {
  const path = (request.url ?? "").split("?")[0] ?? "";
  const [, , leaseId = "", fileName = ""] = path.split("/");
  const lease = context.host.leases.find(leaseId);
  const entry = context.log.start("nfc", path, lease?.vmName ?? "");
  await sleep(context.latencyMs);
  const file = lease?.files.find((one) => one.name === fileName);
  const refused = refusal(request, lease, file);
  if (refused !== undefined || lease === undefined || file === undefined) {
    answer(request, response, context.log, entry, refused ?? 404);
    return;
  }
  const rule = context.rules.match("nfc", lease.vmName);
  entry.faultRule = rule !== undefined;
  const upload = receive(request, response, context, { lease, file, rule, entry });
  lease.track(upload);
  await upload;
}

/** The status to answer with at once. Undefined if the upload is allowed. */
function refusal(
  request: IncomingMessage,
  lease: Lease | undefined,
  file: LeaseFile | undefined,
): number | undefined {
  if (lease?.state !== "ready" || file === undefined) return 404;
  if (request.method !== (file.kind === "disk" ? "POST" : "PUT")) return 405;
  if (request.headers["content-length"] === undefined) return 411;
  return file.abort === undefined ? undefined : 409;
}

interface Upload {
  readonly lease: Lease;
  readonly file: LeaseFile;
  readonly rule: FaultRule | undefined;
  readonly entry: RequestEntry;
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { host, log }: UploadContext,
  { lease, file, rule, entry }: Upload,
): Promise<void> {
  const abort = new AbortController();
  file.abort = abort;
  file.received = undefined;
  abort.signal.addEventListener("abort", () => request.destroy(), { once: true });
  try {
    await sleep(rule?.atByte === undefined ? (rule?.delayMs ?? 0) : 0);
    await rule?.onWork?.("before");
    const source = body(request, response, rule, () => {
      const session = host.sessions.fromCookieHeader(request.headers.cookie);
      if (session) host.sessions.end(session);
    });
    file.received = await receiveInto(file, source);
    await lease.vm?.refresh();
    await rule?.onWork?.("after");
    if (rule?.action === "loseReply") throw new Interrupted();
    file.abort = undefined;
    answer(request, response, log, entry, file.kind === "disk" ? 200 : 201);
  } catch (error) {
    file.abort = undefined;
    if (error instanceof DatastoreFullError) lease.fail(fileFault(error));
    refuse(request, response, log, entry, error, rule);
  }
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  log: RequestLog,
  entry: RequestEntry,
  error: unknown,
  rule: FaultRule | undefined,
): void {
  if (error instanceof Interrupted && typeof rule?.action === "object" && "status" in rule.action) {
    answer(request, response, log, entry, rule.action.status);
  } else if (error instanceof DiskFormatError || error instanceof DatastoreFullError) {
    answer(request, response, log, entry, 500, error.message);
  } else {
    log.end(entry, 0);
    // The request may have lost its socket, because a reader stopped early.
    response.destroy();
  }
}

/** The request's bytes. At the byte in a fault rule, the rule's action happens. */
async function* body(
  request: IncomingMessage,
  response: ServerResponse,
  rule: FaultRule | undefined,
  expireSession: () => void,
): AsyncIterable<Uint8Array> {
  let seen = 0;
  let applied = rule === undefined;
  const apply = async (): Promise<void> => {
    applied = true;
    if (rule === undefined) return;
    if (rule.atByte !== undefined) await sleep(rule.delayMs ?? 0);
    if (rule.action === "continue" || rule.action === "loseReply") return;
    if (rule.action === "expireSession") return expireSession();
    if (rule.action === "hang") await closed(response);
    throw new Interrupted();
  };
  if (!applied && (rule?.atByte ?? 0) === 0) await apply();
  // A reader that stops early must still be able to send an answer on this connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes: Uint8Array = chunk;
    const left = (rule?.atByte ?? 0) - seen;
    seen += bytes.byteLength;
    if (!applied && left <= bytes.byteLength) {
      yield bytes.subarray(0, left);
      await apply();
      yield bytes.subarray(left);
    } else yield bytes;
  }
}

/** Bytes that are still arriving are read and dropped, so that the client can read the answer. */
function answer(
  request: IncomingMessage,
  response: ServerResponse,
  log: RequestLog,
  entry: RequestEntry,
  status: number,
  text = "",
): void {
  request.resume();
  log.end(entry, status);
  if (response.destroyed) return;
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    ...(status === 405 ? { Allow: "POST, PUT" } : {}),
  });
  response.end(text);
}
