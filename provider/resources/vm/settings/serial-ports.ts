import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { SERIAL_DIRECTIONS } from "../../../host/vm/settings/serial-ports.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { name, oneOf, text, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { datastoreFile } from "./datastore-file.ts";
import { entriesOf } from "./entries.ts";
import type { Theme } from "./setting.ts";

/** A serial port of a virtual machine: one of `file`, `networkUri` and `hostDevice`. Changed with one power cycle. */
export interface SerialPortArgs {
  /** Path of a file on a datastore that gets all output, `[datastore1] logs/vm.txt`; its folder must exist. */
  file?: pulumi.Input<string> | undefined;
  /** Where the port is on the network: `telnet://:7000`, `tcp://192.0.2.1:7000` and the like. */
  networkUri?: pulumi.Input<string> | undefined;
  /** With `networkUri`: whether the VM waits for calls (`server`, the default) or calls (`client`). */
  direction?: pulumi.Input<"server" | "client"> | undefined;
  /** With `networkUri`: the virtual serial port concentrator that the connection goes through. */
  proxyUri?: pulumi.Input<string> | undefined;
  /** Name of a serial port of the host, `/dev/char/serial/uart0`. */
  hostDevice?: pulumi.Input<string> | undefined;
  /** Whether the guest gives up its CPU while it waits for the port. Default true. */
  yieldOnPoll?: pulumi.Input<boolean> | undefined;
}

/** The serial ports of a virtual machine. */
export interface PortSettings {
  /**
   * Serial ports, in order; all that the VM is to have. Default: those of the source. Changed with one power cycle.
   * For example `[{ networkUri: "telnet://:7000" }]`.
   */
  serialPorts?: pulumi.Input<pulumi.Input<SerialPortArgs>[]> | undefined;
}

const uri = v.pipe(
  text,
  v.regex(/^[a-z][a-z0-9+.-]*:\/\/\S*$/i, "must be a URI like telnet://:7000 or tcp://192.0.2.1:7000"),
);

const serialPort = v.strictObject(
  {
    file: v.optional(datastoreFile("[datastore1] logs/vm.txt")),
    networkUri: v.optional(uri),
    direction: v.optional(oneOf(SERIAL_DIRECTIONS)),
    proxyUri: v.optional(uri),
    hostDevice: v.optional(name),
    yieldOnPoll: v.optional(yesOrNo),
  },
  unknownSetting,
);

/**
 * Check, cost and preview: at most 32, as many as a virtual machine can have.
 * @internal
 */
export const serialPorts = {
  serialPorts: {
    check: v.optional(v.pipe(v.array(serialPort, "must be a list"), v.maxLength(32, "must have at most 32"))),
    cost: "powerCycle",
    told: "parts",
  },
} satisfies Theme<PortSettings>;

/**
 * A port is on one thing.
 * @internal
 */
export function serialPortRules(inputs: Properties): CheckFailure[] {
  return entriesOf(inputs.serialPorts).flatMap((port, index) => {
    const path = `serialPorts.${index}`;
    const ends = ["file", "networkUri", "hostDevice"].filter((key) => port[key] !== undefined);
    if (ends.length !== 1) {
      return [{ property: path, reason: "must have one of file, networkUri and hostDevice" }];
    }
    const onNetwork = ["direction", "proxyUri"].filter((key) => port[key] !== undefined);
    if (port.networkUri !== undefined) return [];
    return onNetwork.map((key) => ({
      property: `${path}.${key}`,
      reason: "has a meaning with networkUri only",
    }));
  });
}
