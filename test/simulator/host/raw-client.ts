/** Sends hand-written SOAP, right or wrong, and hands back the text of the answer. */
import { Agent, request } from "undici";
import type { Simulator } from "../../../simulator/index.ts";

export interface RawReply {
  readonly status: number;
  readonly text: string;
  /** Type of the fault; "" if there is none. */
  readonly fault: string;
  /** What the fault says; "" if there is none. */
  readonly message: string;
}

export const COLLECTOR = "PropertyCollector:ha-property-collector";
export const VM_FOLDER = "Folder:ha-folder-vm";

export class RawClient {
  readonly #url: string;
  readonly #agent = new Agent({ connect: { rejectUnauthorized: false }, headersTimeout: 60_000 });
  cookie = "";
  /** Version in the SOAPAction header; "" for none. */
  version = "8.0.3.0";

  constructor(simulator: Pick<Simulator, "url">) {
    this.#url = simulator.url;
  }

  /** @param target `Type:id` */
  async call(method: string, target: string, parameters = ""): Promise<RawReply> {
    const [type = "", ...id] = target.split(":");
    return await this.send(
      `<${method} xmlns="urn:vim25"><_this type="${type}">${id.join(":")}</_this>${parameters}</${method}>`,
    );
  }

  /** The text of the answer. @throws Error if it is a fault */
  async ok(method: string, target: string, parameters = ""): Promise<string> {
    const reply = await this.call(method, target, parameters);
    if (reply.status !== 200) throw new Error(`${method}: ${reply.status} ${reply.fault} ${reply.message}`);
    return reply.text;
  }

  /** Puts a body into an envelope and sends it. */
  async send(body: string): Promise<RawReply> {
    return await this.sendText(
      `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
    );
  }

  async sendText(text: string): Promise<RawReply> {
    const { status, body, setCookie } = await this.http("POST", "/sdk", text, {
      "Content-Type": 'text/xml; charset="utf-8"',
      ...(this.version === "" ? {} : { SOAPAction: `urn:vim25/${this.version}` }),
    });
    if (setCookie !== undefined) this.cookie = setCookie.split(";")[0] ?? "";
    return {
      status,
      text: body,
      fault: /<detail><\w+ [^>]*xsi:type="(\w+)"/.exec(body)?.[1] ?? "",
      message: decodeXml(/<faultstring>([\s\S]*?)<\/faultstring>/.exec(body)?.[1] ?? ""),
    };
  }

  async http(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: string; setCookie: string | undefined }> {
    const response = await request(`${this.#url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { ...(this.cookie === "" ? {} : { Cookie: this.cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const setCookie = response.headers["set-cookie"];
    return {
      status: response.statusCode,
      body: await response.body.text(),
      setCookie: Array.isArray(setCookie) ? setCookie[0] : setCookie,
    };
  }

  /** A client of a simulated host that is logged in. */
  static async loggedIn(host: {
    readonly simulator: Pick<Simulator, "url">;
    readonly username: string;
    readonly password: string;
  }): Promise<RawClient> {
    const client = new RawClient(host.simulator);
    await client.login(host.username, host.password);
    return client;
  }

  async login(userName = "root", password = PASSWORD): Promise<RawReply> {
    return await this.call(
      "Login",
      "SessionManager:ha-sessionmgr",
      `<userName>${userName}</userName><password>${password}</password>`,
    );
  }

  /** Reads properties of one object: the whole answer. */
  async read(target: string, ...paths: string[]): Promise<string> {
    const [type = "", ...id] = target.split(":");
    return await this.ok(
      "RetrievePropertiesEx",
      COLLECTOR,
      `<specSet><propSet><type>${type}</type>${paths.map((path) => `<pathSet>${path}</pathSet>`).join("")}</propSet>` +
        `<objectSet><obj type="${type}">${id.join(":")}</obj></objectSet></specSet><options/>`,
    );
  }

  /** The text of one property that is a string, number, enum or reference; undefined if it is unset. */
  async value(target: string, path: string): Promise<string | undefined> {
    return /<val [^>]*>([^<]*)<\/val>/.exec(await this.read(target, path))?.[1];
  }

  /** Starts a task and waits for its end by WaitForUpdatesEx. */
  async task(method: string, target: string, parameters = ""): Promise<TaskEnd> {
    return await this.taskEnd(firstText(await this.ok(method, target, parameters), "returnval"));
  }

  async taskEnd(id: string): Promise<TaskEnd> {
    const collector = firstText(await this.ok("CreatePropertyCollector", COLLECTOR), "returnval");
    const own = `PropertyCollector:${collector}`;
    await this.ok(
      "CreateFilter",
      own,
      `<spec><propSet><type>Task</type><pathSet>info</pathSet></propSet><objectSet><obj type="Task">${id}</obj></objectSet></spec><partialUpdates>false</partialUpdates>`,
    );
    for (let version = ""; ; ) {
      const text = await this.ok("WaitForUpdatesEx", own, `<version>${version}</version>`);
      version = firstText(text, "version");
      const state = firstText(text, "state");
      if (state !== "success" && state !== "error") continue;
      await this.ok("DestroyPropertyCollector", own);
      return {
        state,
        result: firstText(text, "result"),
        fault: /<fault xsi:type="(\w+)"/.exec(text)?.[1] ?? "",
        message: firstText(text, "localizedMessage"),
        text,
      };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

export interface TaskEnd {
  readonly state: "success" | "error";
  /** Id of the result, if it is a reference. */
  readonly result: string;
  readonly fault: string;
  readonly message: string;
  readonly text: string;
}

export const PASSWORD = "correct horse";

/** Character data of the first element of that name. */
export function firstText(xml: string, name: string): string {
  return decodeXml(new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1] ?? "");
}

export function allTexts(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`, "g"))].map((match) =>
    decodeXml(match[1] ?? ""),
  );
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function decodeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}
