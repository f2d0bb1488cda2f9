/** Serial ports: a file, the network, a pipe, or a port of the host. */
import type { VirtualDevice, VirtualSerialPort } from "../../../schema/index.ts";
import type { Vmx } from "../vmx.ts";
import { connectable, writeConnectable } from "./connectable.ts";
import { invalidBacking } from "./device-faults.ts";
import { backingText, type PlainDevice, vmxFileName } from "./plain-device.ts";

const ENDS = ["client", "server"];

export const SERIAL: PlainDevice = {
  type: "VirtualSerialPort",
  slot: "serial",
  firstKey: 9000,
  max: 32,

  read(context, number): VirtualSerialPort & { readonly $type: string } {
    const { vmx, datastorePath } = context;
    const slot = `serial${number}`;
    const name = vmx.get(`${slot}.fileName`) ?? "";
    const isFile = vmx.get(`${slot}.fileType`) === "file";
    const shown = isFile && name !== "" ? datastorePath(name) : name;
    return {
      $type: "VirtualSerialPort",
      key: 9000 + number,
      deviceInfo: { label: `Serial port ${number + 1}`, summary: shown },
      backing: backing(vmx, slot, shown),
      connectable: connectable(context, slot, true),
      controllerKey: 400,
      unitNumber: number,
      yieldOnPoll: vmx.flag(`${slot}.yieldOnMsrRead`),
    };
  },

  write(context, slot, device, index): void {
    const { vmx } = context;
    for (const key of ["network.endPoint", "vspc", "pipe.endPoint", "tryNoRxLoss", "autodetect"])
      vmx.set(`${slot}.${key}`, undefined);
    const set = (fileType: string, fileName: string): void => {
      vmx.set(`${slot}.fileType`, fileType);
      vmx.set(`${slot}.fileName`, fileName);
    };
    switch (device.backing?.$type) {
      case "VirtualSerialPortFileBackingInfo":
        if (backingText(device, "fileName") === "") throw invalidBacking(index);
        set("file", vmxFileName(context, device));
        break;
      case "VirtualSerialPortURIBackingInfo": {
        const uri = backingText(device, "serviceURI");
        const direction = backingText(device, "direction").toLowerCase();
        const proxy = backingText(device, "proxyURI");
        if (!ENDS.includes(direction) || uri === "") throw invalidBacking(index);
        set("network", uri);
        vmx.set(`${slot}.network.endPoint`, direction);
        if (proxy !== "") vmx.set(`${slot}.vspc`, proxy);
        break;
      }
      case "VirtualSerialPortPipeBackingInfo": {
        const endpoint = backingText(device, "endpoint").toLowerCase();
        if (!ENDS.includes(endpoint) || backingText(device, "pipeName") === "") throw invalidBacking(index);
        set("pipe", backingText(device, "pipeName"));
        vmx.set(`${slot}.pipe.endPoint`, endpoint);
        if (backingText(device, "noRxLoss") === "true") vmx.set(`${slot}.tryNoRxLoss`, true);
        break;
      }
      case "VirtualSerialPortDeviceBackingInfo":
        set("device", backingText(device, "deviceName"));
        if (backingText(device, "useAutoDetect") === "true") vmx.set(`${slot}.autodetect`, true);
        break;
      default:
        throw invalidBacking(index);
    }
    if ("yieldOnPoll" in device) vmx.set(`${slot}.yieldOnMsrRead`, device.yieldOnPoll === true);
    writeConnectable(context, slot, device.connectable);
  },
};

function backing(vmx: Vmx, slot: string, name: string): VirtualDevice["backing"] {
  const device = {
    $type: "VirtualSerialPortDeviceBackingInfo",
    deviceName: name,
    useAutoDetect: vmx.flag(`${slot}.autodetect`),
  };
  const network = {
    $type: "VirtualSerialPortURIBackingInfo",
    serviceURI: name,
    direction: vmx.get(`${slot}.network.endPoint`) ?? "client",
    ...(vmx.get(`${slot}.vspc`) === undefined ? {} : { proxyURI: vmx.get(`${slot}.vspc`) }),
  };
  const pipe = {
    $type: "VirtualSerialPortPipeBackingInfo",
    pipeName: name,
    endpoint: vmx.get(`${slot}.pipe.endPoint`) ?? "client",
    noRxLoss: vmx.flag(`${slot}.tryNoRxLoss`),
  };
  const file = { $type: "VirtualSerialPortFileBackingInfo", fileName: name };
  switch (vmx.get(`${slot}.fileType`)) {
    case "network":
      return network;
    case "pipe":
      return pipe;
    case "device":
      return device;
    default:
      return file;
  }
}
