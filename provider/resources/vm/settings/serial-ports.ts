import * as v from "valibot";
import { SERIAL_DIRECTIONS } from "../../../host/vm/settings/serial-ports.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { name, oneOf, text, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { datastoreFile } from "./datastore-file.ts";
import { entriesOf } from "./entries.ts";

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

/** The setting `serialPorts`: at most 32, as many as a virtual machine can have. */
export const serialPorts = v.optional(
  v.pipe(v.array(serialPort, "must be a list"), v.maxLength(32, "must have at most 32")),
);

/** A port is on one thing. */
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
