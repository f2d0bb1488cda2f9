/** Faults of device specs, worded as hostd does. */
import { VimFault } from "../../soap/fault.ts";
import { hardwareKey } from "../hardware-version.ts";

export function invalidDevice(deviceIndex: number, property = "virtualDeviceSpec.device"): VimFault {
  return new VimFault("InvalidDeviceSpec", `Invalid configuration for device '${deviceIndex}'.`, {
    property,
    deviceIndex,
  });
}

export function invalidBacking(deviceIndex: number): VimFault {
  return new VimFault(
    "InvalidDeviceBacking",
    `Incompatible device backing specified for device '${deviceIndex}'.`,
    {
      property: "virtualDeviceSpec.device.backing",
      deviceIndex,
    },
  );
}

export function invalidController(deviceIndex: number, controllerKey: number): VimFault {
  return new VimFault("InvalidController", `A controller for device '${deviceIndex}' was not found.`, {
    property: "virtualDeviceSpec.device.controllerKey",
    deviceIndex,
    controllerKey,
  });
}

export function invalidOperation(deviceIndex: number, badOp: "add" | "remove" | "edit"): VimFault {
  return new VimFault("InvalidDeviceOperation", `Invalid operation for device '${deviceIndex}'.`, {
    property: "virtualDeviceSpec.operation",
    deviceIndex,
    badOp,
  });
}

export function unsupportedByVersion(deviceIndex: number, current: number, expected: number): VimFault {
  return new VimFault(
    "DeviceUnsupportedForVmVersion",
    `Device of this type is not supported for virtual machine version ${hardwareKey(current)}: ${hardwareKey(expected)} or later is needed.`,
    {
      property: "virtualDeviceSpec.device",
      deviceIndex,
      currentVersion: hardwareKey(current),
      expectedVersion: hardwareKey(expected),
    },
  );
}
