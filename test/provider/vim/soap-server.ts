import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";

export interface SoapCall {
  readonly method: string;
  /** The whole envelope. */
  readonly body: string;
  readonly action: string;
  readonly cookie: string | undefined;
}

/** What to answer: a response's body, a fault, a bare status, or nothing at all. */
export type Reply =
  | { readonly xml: string; readonly cookie?: string }
  | { readonly fault: string; readonly detail?: string; readonly message?: string }
  | { readonly status: number; readonly text?: string }
  /** The same again and again, without an end. */
  | { readonly drip: string; readonly everyMs: number }
  | "drop connection"
  | "never";

export interface SoapServer {
  readonly origin: string;
  readonly calls: readonly SoapCall[];
  /** How many calls there were, of one method or in all. */
  count(method?: string): number;
  /** Most calls that were being answered at once. */
  readonly maxConcurrent: number;
  close(): Promise<void>;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A bare HTTP server that answers SOAP calls as the test says, in the form that real hosts give them. */
export async function startSoapServer(
  answer: (call: SoapCall) => Reply | Promise<Reply>,
  certificate?: Certificate,
): Promise<SoapServer> {
  const calls: SoapCall[] = [];
  const sockets = new Set<Socket>();
  let concurrent = 0;
  let maxConcurrent = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    calls.push(call);
    maxConcurrent = Math.max(maxConcurrent, ++concurrent);
    const reply = await answer(call);
    concurrent--;
    send(reply, call, response);
  };
  const server = certificate ? createTlsServer(certificate, handle) : createServer(handle);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    origin: `${certificate ? "https" : "http"}://127.0.0.1:${address.port}`,
    calls,
    count: (method) => calls.filter((call) => method === undefined || call.method === method).length,
    get maxConcurrent() {
      return maxConcurrent;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function readCall(request: IncomingMessage): Promise<SoapCall> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const method = /:Body><(\w+) /.exec(body)?.[1] ?? "";
  return { method, body, action: String(request.headers.soapaction), cookie: request.headers.cookie };
}

function send(reply: Reply, call: SoapCall, response: ServerResponse): void {
  if (reply === "never") return;
  if (reply === "drop connection") {
    response.socket?.destroy();
    return;
  }
  if ("drip" in reply) {
    response.writeHead(200, { "content-type": "text/xml; charset=utf-8" });
    const timer = setInterval(() => response.write(reply.drip), reply.everyMs);
    response.once("close", () => clearInterval(timer));
    return;
  }
  if ("status" in reply) {
    response.writeHead(reply.status, { "content-type": "text/html" }).end(reply.text ?? "");
    return;
  }
  if ("fault" in reply) {
    const type = reply.fault;
    const detail = `<${type}Fault xmlns="urn:vim25" xsi:type="${type}">${reply.detail ?? ""}</${type}Fault>`;
    const fault = `<faultcode>ServerFaultCode</faultcode><faultstring>${reply.message ?? ""}</faultstring><detail>${detail}</detail>`;
    response.writeHead(500, { "content-type": "text/xml; charset=utf-8" });
    response.end(envelope(`<soapenv:Fault>${fault}</soapenv:Fault>`));
    return;
  }
  const cookie = reply.cookie === undefined ? {} : { "set-cookie": reply.cookie };
  response.writeHead(200, { "content-type": "text/xml; charset=utf-8", ...cookie });
  response.end(envelope(`<${call.method}Response xmlns="urn:vim25">${reply.xml}</${call.method}Response>`));
}

function envelope(body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope ' +
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ' +
    `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n${body}\n</soapenv:Body>\n</soapenv:Envelope>\n`
  );
}

/** The ServiceContent of an ESXi host, as far as the client reads it. */
export function serviceContent(apiVersion = "8.0.3.0"): string {
  const ref = (name: string, type: string, id: string) => `<${name} type="${type}">${id}</${name}>`;
  return (
    `<returnval>${ref("rootFolder", "Folder", "ha-folder-root")}` +
    ref("propertyCollector", "PropertyCollector", "ha-property-collector") +
    ref("viewManager", "ViewManager", "ViewManager") +
    "<about><name>VMware ESXi</name><fullName>VMware ESXi 8.0.3</fullName><vendor>VMware, Inc.</vendor>" +
    "<version>8.0.3</version><build>1</build><osType>vmnix-x86</osType><productLineId>embeddedEsx</productLineId>" +
    `<apiType>HostAgent</apiType><apiVersion>${apiVersion}</apiVersion></about>` +
    `${ref("sessionManager", "SessionManager", "ha-sessionmgr")}</returnval>`
  );
}

/** What Login returns. */
export const USER_SESSION =
  "<returnval><key>52a-b</key><userName>root</userName><fullName>root</fullName><loginTime>2024-01-01T00:00:00Z</loginTime>" +
  "<lastActiveTime>2024-01-01T00:00:00Z</lastActiveTime><locale>en</locale><messageLocale>en</messageLocale></returnval>";
