import * as pulumi from "@pulumi/pulumi";
import { variableOf } from "../configuration-keys.ts";
import { hostsIn } from "./unknown-keys.ts";

/**
 * Whether the configuration says that a host is lost for good. Then no resource can be declared there.
 * @param name As in `esxi:hosts`. Undefined for the host of `esxi:host`.
 */
export function isGone(name: string | undefined): boolean {
  const config = pulumi.runtime.allConfig();
  const host = name === undefined ? undefined : hostsIn(config["esxi:hosts"])[name];
  const said = name === undefined ? config["esxi:gone"] : host && "gone" in host ? host.gone : undefined;
  return ["true", "1"].includes(String(process.env[variableOf("gone", name)] || said));
}
