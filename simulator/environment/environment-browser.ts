/** EnvironmentBrowser: the kinds of VMs that this host supports. */
import type { VirtualMachineConfigOption } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import type { Handlers, Part } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { invalidArgument } from "../soap/fault.ts";
import { hardwareKey, hardwareNumber, newestHardware, offeredHardware } from "../vm/hardware-version.ts";
import { configOption } from "./config-option.ts";
import { configTarget } from "./target.ts";

export function environmentBrowser(host: HostContext): Part {
  const { apiVersion } = host.options;
  const checkHost = (on: { value: string } | undefined): void => {
    if (on !== undefined && on.value !== ids.HOST.value) throw invalidArgument("host");
  };
  /** @throws VimFault InvalidArgument for hardware that the host does not support */
  const optionOf = (
    key: string | undefined,
    guestIds: readonly string[] | undefined,
  ): VirtualMachineConfigOption => {
    const number = key ? hardwareNumber(key, apiVersion) : newestHardware(apiVersion);
    if (number === undefined) throw invalidArgument("key");
    return configOption(number, describe(number), guestIds);
  };
  const handlers: Handlers = {
    QueryConfigOption(_call, { key, host: on }) {
      checkHost(on);
      return optionOf(key, undefined);
    },
    QueryConfigOptionEx(_call, { spec }) {
      checkHost(spec?.host);
      const { key, guestId } = spec ?? {};
      return optionOf(key, guestId === undefined || guestId.length === 0 ? undefined : guestId);
    },
    QueryConfigOptionDescriptor: () =>
      offeredHardware(apiVersion).map((number) => ({
        key: hardwareKey(number),
        description: describe(number),
        host: [ids.HOST],
        createSupported: true,
        defaultConfigOption: number === newestHardware(apiVersion),
        runSupported: true,
        upgradeSupported: true,
      })),
    QueryConfigTarget(_call, { host: on }) {
      checkHost(on);
      return configTarget(host);
    },
  };
  const readers = { datastoreBrowser: () => ids.DATASTORE_BROWSER };
  return { objects: [{ ref: ids.ENVIRONMENT_BROWSER, readers }], handlers };
}

const RELEASES: Readonly<Record<number, string>> = {
  4: "ESX 3.x",
  7: "ESX/ESXi 4.x",
  8: "ESXi 5.0",
  9: "ESXi 5.1",
  10: "ESXi 5.5",
  11: "ESXi 6.0",
  13: "ESXi 6.5",
  14: "ESXi 6.7",
  15: "ESXi 6.7 U2",
  17: "ESXi 7.0",
  18: "ESXi 7.0 U1",
  19: "ESXi 7.0 U2",
  20: "ESXi 8.0",
  21: "ESXi 8.0 U2",
  22: "ESXi 9.0",
};

function describe(hardware: number): string {
  return `${RELEASES[hardware] ?? hardwareKey(hardware)} virtual machine`;
}
