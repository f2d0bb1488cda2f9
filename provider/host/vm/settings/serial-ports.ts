import { isDeepStrictEqual } from "node:util";
import type { VirtualDevice, VirtualSerialPort } from "../../../../schema/index.ts";
import { create, isA } from "../../../vim/codec/objects.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { deviceChange, type PlannedChange } from "./device-changes.ts";
import { connectable, namedAs } from "./medium.ts";
import { BY_DEVICES, type DeviceSetting, WITH_DEVICES } from "./setting.ts";

export const SERIAL_DIRECTIONS = ["server", "client"] as const;

/** The desired state of a serial port: to a file, to the network, or to a port of the host. */
export interface SerialPortWish {
  /** Datastore path of a file to which all output is written. */
  readonly file?: string | undefined;
  /** `telnet://:7000` and the like. */
  readonly networkUri?: string | undefined;
  /** Who opens the connection. `client` is the machine. Default: server. */
  readonly direction?: (typeof SERIAL_DIRECTIONS)[number] | undefined;
  /** The concentrator through which the connection goes. */
  readonly proxyUri?: string | undefined;
  /** Name of a serial port of the host. */
  readonly hostDevice?: string | undefined;
  /** Whether the guest yields the CPU while it waits for the port. Default true. */
  readonly yieldOnPoll?: boolean | undefined;
}

const FIRST_KEY = -6000;

/** All serial ports of a machine. Their order is their identity. */
export const serialPorts: DeviceSetting<readonly SerialPortWish[]> = {
  stage: "devices",
  observe: (vm, wishes) => portsAmong(vm).map((port, index) => observed(port, wishes[index] ?? {})),
  spec: (vm, wishes) => ({ deviceChange: plan(vm, wishes).map(({ change }) => change) }),
  off: (vm, wishes) => plan(vm, wishes).some(({ cold }) => cold),
  vmx: BY_DEVICES,
  copied: WITH_DEVICES,
};

function plan(vm: ObservedVm, wishes: readonly SerialPortWish[]): PlannedChange[] {
  const ports = portsAmong(vm);
  const change = (...args: Parameters<typeof deviceChange>) => ({
    change: deviceChange(...args),
    cold: true,
  });
  const removals = ports.slice(wishes.length).map((port) => change("remove", port));
  const further = wishes.flatMap((wish, index): PlannedChange[] => {
    const port = ports[index];
    const wished = { backing: backingFor(wish), yieldOnPoll: wish.yieldOnPoll ?? true };
    if (port === undefined) {
      const added = { key: FIRST_KEY - index, connectable: connectable(true, undefined), ...wished };
      return [change("add", create("VirtualSerialPort", added))];
    }
    return isDeepStrictEqual(observed(port, wish), wish) ? [] : [change("edit", { ...port, ...wished })];
  });
  return [...removals, ...further];
}

function observed(port: VirtualSerialPort, wish: SerialPortWish): SerialPortWish {
  const yields = port.yieldOnPoll;
  return {
    ...backingOf(port.backing, wish),
    ...((wish.yieldOnPoll !== undefined || !yields) && { yieldOnPoll: yields }),
  };
}

function backingOf(backing: VirtualDevice["backing"], wish: SerialPortWish): SerialPortWish {
  if (isA(backing, "VirtualSerialPortFileBackingInfo")) return { file: namedAs(backing.fileName, wish.file) };
  if (isA(backing, "VirtualSerialPortDeviceBackingInfo")) return { hostDevice: backing.deviceName };
  if (!isA(backing, "VirtualSerialPortURIBackingInfo")) return {};
  const { serviceURI, proxyURI } = backing;
  const direction = SERIAL_DIRECTIONS.find((each) => each === backing.direction) ?? "server";
  return {
    networkUri: serviceURI,
    ...((wish.direction !== undefined || direction !== "server") && { direction }),
    ...(proxyURI !== undefined && proxyURI !== "" && { proxyUri: proxyURI }),
  };
}

function backingFor({ file, networkUri, direction, proxyUri, hostDevice }: SerialPortWish) {
  if (networkUri !== undefined) {
    return create("VirtualSerialPortURIBackingInfo", {
      serviceURI: networkUri,
      direction: direction ?? "server",
      ...(proxyUri !== undefined && { proxyURI: proxyUri }),
    });
  }
  if (hostDevice !== undefined)
    return create("VirtualSerialPortDeviceBackingInfo", { deviceName: hostDevice });
  return create("VirtualSerialPortFileBackingInfo", { fileName: file ?? "" });
}

const portsAmong = (vm: ObservedVm): VirtualSerialPort[] =>
  vm.devices.filter((device) => isA(device, "VirtualSerialPort"));
