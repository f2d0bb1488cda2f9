/** `/folder` of this host: authentication, fault rules and the request log around the datastores' files. */
import { type IncomingMessage, ServerResponse } from "node:http";
import { handleFolder } from "../datastore/folder.ts";
import type { HostContext } from "../host-context.ts";
import type { Vms } from "../vm/vms.ts";
import type { SdkContext } from "./sdk.ts";
import { closed, sleep } from "./wait.ts";

/** The data that requests of `/folder` need. */
export interface FolderContext extends Pick<SdkContext, "rules" | "log" | "latencyMs"> {
  readonly host: HostContext;
  readonly vms: Vms;
}

export async function handleFolderRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { host, vms, rules, log, latencyMs }: FolderContext,
): Promise<void> {
  const path = (request.url ?? "").split("?")[0] ?? "";
  const entry = log.start("folder", path, "");
  response.once("close", () => log.end(entry, response.writableFinished ? response.statusCode : 0));
  await sleep(latencyMs);
  const rule = rules.match("folder", path);
  entry.faultRule = rule !== undefined;
  await sleep(rule?.delayMs ?? 0);
  await rule?.onWork?.("before");
  const action = rule?.action ?? "continue";
  if (action === "hang") await closed(response);
  const cutAtByte = action === "disconnect" ? rule?.atByte : undefined;
  // For a download, a lost answer is the same as no answer.
  const unanswered = action === "hang" || (action === "loseReply" && request.method === "GET");
  if ((action === "disconnect" && cutAtByte === undefined) || unanswered)
    return void request.socket.destroy();
  if (typeof action === "object" && "status" in action) {
    request.resume();
    response.writeHead(action.status, { "Content-Length": 0 }).end();
    return;
  }
  const { license, behaviour } = host.options;
  const writes = ["PUT", "DELETE"].includes(request.method ?? "");
  if (writes && license === "free" && behaviour.freeFolderWrites === "refused") {
    request.resume();
    response.writeHead(403, { "Content-Length": 0 }).end();
    return;
  }
  const session = host.sessions.fromCookieHeader(request.headers.cookie);
  if (action === "expireSession" && session) host.sessions.end(session);
  const live = action === "expireSession" ? undefined : session;
  // This answer reaches nobody, because it has no connection.
  const answer = action === "loseReply" ? new ServerResponse(request) : response;
  await handleFolder(request, answer, {
    datastores: host.datastores,
    authenticated: live !== undefined || host.sessions.allowsBasic(request.headers.authorization),
    lockOf: (datastore, path) => vms.lockOf({ datastore, path }),
    cutAtByte,
  });
  await rule?.onWork?.("after");
  if (action === "loseReply") request.socket.destroy();
}
