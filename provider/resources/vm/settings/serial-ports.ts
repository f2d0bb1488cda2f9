import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { SERIAL_DIRECTIONS } from "../../../host/vm/settings/serial-ports.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { name, oneOf, text, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { datastoreFile } from "./datastore-path-check.ts";
import { entriesOf } from "./entries.ts";
import type { Theme } from "./setting.ts";

/** A serial port of a virtual machine: one of `file`, `networkUri` and `hostDevice`. Changed with one power cycle. */
export interface SerialPortArgs {
  /**
   * Path of a file on a datastore to which all output is written, `[datastore1] logs/vm.txt`. Its folder must exist.
   */
  file?: pulumi.Input<string> | undefined;
  /** The port's network address: `telnet://:7000`, `tcp://192.0.2.1:7000` and the like. */
  networkUri?: pulumi.Input<string> | undefined;
  /** With `networkUri`: whether the VM waits for connections (`server`, the default) or connects itself (`client`). */
  direction?: pulumi.Input<"server" | "client"> | undefined;
  /** With `networkUri`: the virtual serial port concentrator through which the connection goes. */
  proxyUri?: pulumi.Input<string> | undefined;
  /** Name of a serial port of the host, `/dev/char/serial/uart0`. */
  hostDevice?: pulumi.Input<string> | undefined;
  /** Whether the guest yields its CPU while it waits for the port. Default true. */
  yieldOnPoll?: pulumi.Input<boolean> | undefined;
}

/** The serial ports of a virtual machine. */
export interface PortSettings {
  /**
   * All serial ports of the VM, in order. Default: those of the source. Changed with one power cycle. For example
   * `[{ networkUri: "telnet://:7000" }]`.
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
 * Check, cost and preview. A virtual machine can have at most 32 serial ports.
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
 * A port has exactly one other end.
 * @internal
 */
export function serialPortRules(inputs: Properties): CheckFailure[] {
  return entriesOf(inputs.serialPorts).flatMap((port, index) => {
    const path = `serialPorts.${index}`;
    const ends = ["file", "networkUri", "hostDevice"].filter((key) => port[key] !== undefined);
    if (ends.length !== 1) {
      return [{ property: path, reason: "must have exactly one of file, networkUri and hostDevice" }];
    }
    const onNetwork = ["direction", "proxyUri"].filter((key) => port[key] !== undefined);
    if (port.networkUri !== undefined) return [];
    return onNetwork.map((key) => ({
      property: `${path}.${key}`,
      reason: "is only allowed with networkUri",
    }));
  });
}
