import type { VirtualSerialPort } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { nameInVmx, plugKeys, removeKeys, setKeys } from "./device-keys.ts";

/** Writes a serial port into its place: to a file, to the network, or to a port of the host. */
export function writeSerialPort(vmx: Vmx, place: string, port: VirtualSerialPort, vmxPath: string): void {
  const { backing, connectable, yieldOnPoll } = port;
  removeKeys(vmx, place);
  setKeys(vmx, place, { present: true, yieldOnMsrRead: yieldOnPoll, ...plugKeys(connectable) });
  if (isA(backing, "VirtualSerialPortURIBackingInfo")) {
    setKeys(vmx, place, {
      fileType: "network",
      fileName: backing.serviceURI,
      "network.endPoint": backing.direction,
      vspc: backing.proxyURI === "" ? undefined : backing.proxyURI,
    });
  } else if (isA(backing, "VirtualSerialPortDeviceBackingInfo")) {
    setKeys(vmx, place, {
      fileType: "device",
      fileName: backing.deviceName,
      autodetect: backing.useAutoDetect ? true : undefined,
    });
  } else if (isA(backing, "VirtualSerialPortPipeBackingInfo")) {
    setKeys(vmx, place, {
      fileType: "pipe",
      fileName: backing.pipeName,
      "pipe.endPoint": backing.endpoint,
      tryNoRxLoss: backing.noRxLoss ? true : undefined,
    });
  } else if (isA(backing, "VirtualDeviceFileBackingInfo")) {
    setKeys(vmx, place, { fileType: "file", fileName: nameInVmx(backing.fileName, vmxPath) });
  }
}
