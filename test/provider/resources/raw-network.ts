/** The networking of the raw host, read and changed by hand-written SOAP, past everything of ours. */
import { onTestFinished } from "vitest";
import { firstText, RawClient } from "../../simulator/host/raw-client.ts";
import type { Lab } from "./lab.ts";

const SYSTEM = "HostNetworkSystem:networkSystem";

export class RawNetwork {
  readonly client: RawClient;

  private constructor(client: RawClient) {
    this.client = client;
  }

  static async open(lab: Lab): Promise<RawNetwork> {
    const client = await RawClient.loggedIn(lab.raw);
    onTestFinished(() => client.close());
    return new RawNetwork(client);
  }

  /** The `spec` element of a port group or vSwitch; "" if there is none of that name. */
  async spec(kind: "PortGroup" | "VirtualSwitch", name: string): Promise<string> {
    const info = await this.client.read(SYSTEM, "networkInfo");
    const key = `<key>key-vim.host.${kind}-${name}</key>`;
    const at = info.indexOf(key);
    if (at < 0) return "";
    const from = info.indexOf("<spec>", at);
    return info.slice(from, info.indexOf("</spec>", from));
  }

  /** One value of it; "" if it is not there. */
  async value(kind: "PortGroup" | "VirtualSwitch", name: string, element: string): Promise<string> {
    return firstText(await this.spec(kind, name), element);
  }

  async change(method: string, parameters: string): Promise<void> {
    await this.client.ok(method, SYSTEM, parameters);
  }

  async addPortGroup(name: string, vlanId = 0, vswitch = "vSwitch0", policy = "<policy/>"): Promise<void> {
    await this.change("AddPortGroup", portgrp(name, vlanId, vswitch, policy));
  }

  async updatePortGroup(name: string, vlanId: number, vswitch = "vSwitch0", policy = "<policy/>") {
    await this.change("UpdatePortGroup", `<pgName>${name}</pgName>${portgrp(name, vlanId, vswitch, policy)}`);
  }
}

function portgrp(name: string, vlanId: number, vswitch: string, policy: string): string {
  return `<portgrp><name>${name}</name><vlanId>${vlanId}</vlanId><vswitchName>${vswitch}</vswitchName>${policy}</portgrp>`;
}
