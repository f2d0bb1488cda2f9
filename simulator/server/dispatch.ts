/** One SOAP call, from the text of the request to the text of the answer. */
import {
  findMethod,
  isSubtype,
  type ManagedObjectReference,
  type Method,
  versionIndex,
} from "../../schema/index.ts";
import type { Session } from "../core/sessions.ts";
import type { Call, HandlerTable } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { fetchProperty } from "../property/property-collector.ts";
import { visible } from "../property/select.ts";
import { decodeParameters, decodeThis } from "../soap/decode.ts";
import { encode } from "../soap/encode.ts";
import { readCall, writeFault, writeResponse } from "../soap/envelope.ts";
import {
  asFault,
  invalidRequest,
  managedObjectNotFound,
  notAuthenticated,
  restrictedVersion,
  VimFault,
} from "../soap/fault.ts";
import type { XmlElement } from "../soap/xml.ts";
import { isRead } from "./reads.ts";

export interface SoapRequest {
  readonly text: string;
  readonly soapAction: string | undefined;
  readonly session: Session | undefined;
  readonly client: Call["client"];
  readonly signal: AbortSignal;
  readonly setCookie: (key: string) => void;
}

export interface SoapReply {
  readonly status: 200 | 500;
  readonly text: string;
  readonly fault: VimFault | undefined;
}

/** A call with its method and target, as needed for fault rules and the request log. */
export interface ReadCall {
  readonly element: XmlElement;
  readonly method: string;
  readonly target: ManagedObjectReference;
  readonly version: number;
}

/** Methods that need no session. */
const ANONYMOUS = new Set([
  "RetrieveServiceContent",
  "Login",
  "RetrievePropertiesEx",
  "RetrieveProperties",
  "ContinueRetrievePropertiesEx",
]);

/** Reads one property of any object. It is not in vim25's published tables. */
const FETCH: Method = {
  name: "Fetch",
  owner: "ManagedObject",
  version: 0,
  result: undefined,
  parameters: [{ name: "prop", type: "string", array: false, reference: false, optional: false, version: 0 }],
};

/** @throws VimFault InvalidRequest */
export function readSoap(host: HostContext, text: string, soapAction: string | undefined): ReadCall {
  const element = readCall(text);
  return {
    element,
    method: element.name,
    target: decodeThis(element),
    version: Math.min(host.version, clientVersion(host, soapAction)),
  };
}

export async function dispatch(
  host: HostContext,
  handlers: HandlerTable,
  read: ReadCall,
  request: SoapRequest,
  taskRule: Call["taskRule"],
): Promise<SoapReply> {
  try {
    return { status: 200, text: await answer(host, handlers, read, request, taskRule), fault: undefined };
  } catch (error) {
    return faultReply(asFault(error), read.version);
  }
}

export function faultReply(fault: VimFault, version: number): SoapReply {
  return { status: 500, text: writeFault(fault, version), fault };
}

async function answer(
  host: HostContext,
  handlers: HandlerTable,
  read: ReadCall,
  request: SoapRequest,
  taskRule: Call["taskRule"],
): Promise<string> {
  const { session } = request;
  const fetch = read.method === "Fetch";
  const method = fetch ? FETCH : knownMethod(read);
  const params = decodeParameters(read.element, method, read.version);
  const object = visible(
    { registry: host.objects, session: session?.key, version: read.version },
    read.target,
  );
  const open = ANONYMOUS.has(read.method) || (fetch && read.target.type === "ServiceInstance");
  if (session === undefined && !open) throw notAuthenticated(read.target);
  if (object === undefined) throw managedObjectNotFound(read.target);
  const call: Call = { ...request, object, method: read.method, version: read.version, taskRule };
  if (fetch) return writeResponse("Fetch", fetchProperty(call, String(params.prop)));
  if (!isSubtype(object.ref.type, method.owner)) throw methodNotFound(read.target, read.method);
  if (host.options.license === "free" && !isRead(read.method)) throw restrictedVersion();
  if (!handlers.has(read.method)) throw notImplemented(read);
  const result = await handlers.run(call, params);
  return writeResponse(
    read.method,
    method.result ? encode("returnval", result, method.result, read.version) : "",
  );
}

function knownMethod(read: ReadCall): Method {
  const method = findMethod(read.method);
  if (method === undefined || method.version > read.version) {
    throw invalidRequest(
      `Unable to resolve WSDL method name ${read.method} for namespace name ${read.element.namespace ?? ""}\n\nwhile parsing SOAP body`,
    );
  }
  return method;
}

function methodNotFound(receiver: ManagedObjectReference, method: string): VimFault {
  return new VimFault("MethodNotFound", `Method not found: ${method} of ${receiver.type}`, {
    receiver,
    method,
  });
}

function notImplemented(read: ReadCall): VimFault {
  return new VimFault(
    "NotImplemented",
    `This simulator does not implement ${read.target.type}.${read.method}.`,
  );
}

/** The version in a SOAPAction. The host's own if it has none, or one that the host does not know. */
function clientVersion(host: HostContext, soapAction: string | undefined): number {
  const version = /urn:vim2?5?\/([\d.]+)/.exec(soapAction ?? "")?.[1];
  if (version === undefined) return host.version;
  const known = places.get(version) ?? versionIndex(version);
  places.set(version, known);
  return known;
}

/** Indexes in API_VERSIONS by the text that clients send. Clients send the same few texts again and again. */
const places = new Map<string, number>();
