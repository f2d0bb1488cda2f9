/** POST /sdk: latency, fault rules, the request log, and the call itself. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { makeFault } from "../faults/make-fault.ts";
import type { FaultRule, FaultRules } from "../faults/rules.ts";
import type { HandlerTable } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import type { Leases } from "../lease/leases.ts";
import { VimFault } from "../soap/fault.ts";
import { dispatch, faultReply, type ReadCall, readSoap, type SoapReply } from "./dispatch.ts";
import { entityName } from "./entity-name.ts";
import type { Recorder } from "./recorder.ts";
import type { RequestLog } from "./request-log.ts";
import { closed, sleep } from "./wait.ts";

export interface SdkContext {
  readonly host: HostContext & { readonly leases: Leases };
  readonly handlers: HandlerTable;
  readonly rules: FaultRules;
  readonly log: RequestLog;
  readonly recorder: Recorder;
  readonly latencyMs: number;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

export async function handleSdk(
  request: IncomingMessage,
  response: ServerResponse,
  context: SdkContext,
): Promise<void> {
  const { host, log } = context;
  const text = await readBody(request);
  const soapAction = header(request, "soapaction");
  const userAgent = header(request, "user-agent") ?? "";
  let read: ReadCall;
  try {
    read = readSoap(host, text, soapAction);
  } catch (error) {
    if (!(error instanceof VimFault)) throw error;
    const entry = log.start("unreadable", "", "");
    await sleep(context.latencyMs);
    log.end(entry, 500, error.type);
    send(response, faultReply(error, host.version));
    return;
  }
  const entity = entityName(host, read);
  const entry = log.start(read.method, read.target.value, entity);
  await sleep(context.latencyMs);
  const rule = context.rules.match(read.method, entity);
  entry.faultRule = rule !== undefined;
  await sleep(rule?.delayMs ?? 0);
  await rule?.onWork?.("before");

  const outcome = await run(request, response, context, read, text, rule);
  if (outcome === "cut") {
    request.socket.destroy();
    log.end(entry, 0);
  } else if (typeof outcome === "number") {
    response.writeHead(outcome, { "Content-Type": "text/html", "Content-Length": 0 }).end();
    log.end(entry, outcome);
  } else {
    send(response, outcome);
    log.end(entry, outcome.status, outcome.fault?.type);
    context.recorder.record({ method: read.method, soapAction, userAgent, text, status: outcome.status });
  }
}

/** The answer, a bare status, or "cut" if the connection must be closed without an answer. */
async function run(
  request: IncomingMessage,
  response: ServerResponse,
  context: SdkContext,
  read: ReadCall,
  text: string,
  rule: FaultRule | undefined,
): Promise<SoapReply | number | "cut"> {
  const { host } = context;
  const action = rule?.action ?? "continue";
  if (action === "disconnect") return "cut";
  if (action === "hang") {
    await closed(response);
    return "cut";
  }
  if (typeof action === "object" && "status" in action) return action.status;
  if (typeof action === "object" && "fault" in action) {
    return faultReply(makeFault(action.fault, action.message, action.properties), read.version);
  }
  const fault =
    typeof action === "object" ? makeFault(action.taskFault, action.message, action.properties) : undefined;
  let session = host.sessions.fromCookieHeader(header(request, "cookie"));
  if (action === "expireSession" && session) {
    host.sessions.end(session);
    session = undefined;
  }
  const abort = new AbortController();
  response.once("close", () => {
    // After the answer nothing is left to stop, and to make an abort's reason takes as long as a short answer.
    if (!response.writableFinished) abort.abort();
  });
  const reply = await dispatch(
    host,
    context.handlers,
    read,
    {
      text,
      soapAction: header(request, "soapaction"),
      session,
      client: { address: request.socket.remoteAddress ?? "", userAgent: header(request, "user-agent") ?? "" },
      signal: abort.signal,
      setCookie: (key) =>
        response.setHeader(
          "Set-Cookie",
          `vmware_soap_session="${key}"; Path=/; HttpOnly; Secure; SameSite=Strict`,
        ),
    },
    rule && { fault, hold: rule.onTask },
  );
  await rule?.onWork?.("after");
  return action === "loseReply" ? "cut" : reply;
}

function send(response: ServerResponse, reply: SoapReply): void {
  if (response.destroyed) return;
  const body = Buffer.from(reply.text, "utf8");
  response.writeHead(reply.status, {
    "Content-Type": "text/xml; charset=utf-8",
    "Cache-Control": "no-cache",
    "Content-Length": body.length,
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new Error("request body too large");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join("; ") : value;
}
