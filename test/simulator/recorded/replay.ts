import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Simulator } from "../../../simulator/index.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { firstText, type RawClient, type RawReply } from "../host/raw-client.ts";
import type { Recorded } from "./recorded.ts";

/** Sends recorded requests to a host that was not there when they were recorded. */
export class Replay {
  readonly #simulator: Simulator;
  readonly #client: RawClient;
  readonly #datastore: string;
  /** The newest object of each type. */
  readonly #newest = new Map<string, string>();

  private constructor(simulator: Simulator, client: RawClient, datastore: string) {
    this.#simulator = simulator;
    this.#client = client;
    this.#datastore = datastore;
  }

  /** @param client is logged in */
  static async start(simulator: Simulator, client: RawClient): Promise<Replay> {
    const folder = "Folder:ha-folder-datastore";
    const datastores = await client.ok("Fetch", folder, "<prop>childEntity</prop>");
    return new Replay(simulator, client, firstText(datastores, "ManagedObjectReference"));
  }

  /** The request with this host's ids, as far as there are such objects. */
  textOf(request: Recorded): string {
    return request.text
      .replaceAll("{{datastore}}", this.#datastore)
      .replace(/type="(\w+)">\{\{[\w ]+\}\}/g, (whole, type: string) => {
        const id = this.#newest.get(type);
        return id === undefined ? whole : `type="${type}">${id}`;
      });
  }

  /** Sends a text instead of the recorded one, and nothing else. */
  async sendText(request: Recorded, text: string): Promise<RawReply> {
    this.#client.version = /urn:vim25\/([\d.]+)/.exec(request.soapAction)?.[1] ?? "";
    return await this.#client.sendText(text);
  }

  /** Sends it when its turn has come; waits for the end of the task, or until the lease is ready, that it begins. */
  async send(request: Recorded, text: string): Promise<RawReply> {
    if (request.method === "Login") this.#client.cookie = "";
    if (request.method === "HttpNfcLeaseComplete") await this.#upload();
    const reply = await this.sendText(request, text);
    if (request.method === "Logout") await this.#client.login("root", "***");
    const [, type, id] = /<returnval type="(\w+)">([^<]*)</.exec(reply.text) ?? [];
    if (type === undefined || id === undefined) return reply;
    this.#newest.set(type, id);
    if (type === "HttpNfcLease") await expect.poll(() => this.#simulator.leases()[0]?.state).toBe("ready");
    if (type === "Task") {
      const state = () => this.#simulator.tasks().find(({ task }) => task.value === id)?.state;
      await expect.poll(state).not.toMatch(/queued|running/);
    }
    return reply;
  }

  /** The disk of the open lease, as the client that was recorded has sent it in between. */
  async #upload(): Promise<void> {
    const lease = `HttpNfcLease:${this.#newest.get("HttpNfcLease")}`;
    const url = firstText(await this.#client.ok("Fetch", lease, "<prop>info</prop>"), "url");
    const ova = await readFile(tinyOva.path);
    // A streamOptimized disk begins with KDMV and ends with the tar's padding, which no reader of it minds.
    const { status } = await this.#client.http(
      "POST",
      new URL(url.replace("*", "host")).pathname,
      ova.subarray(ova.indexOf("KDMV")),
      {
        "Content-Type": "application/x-vnd.vmware-streamVmdk",
      },
    );
    expect(status).toBe(200);
  }
}
