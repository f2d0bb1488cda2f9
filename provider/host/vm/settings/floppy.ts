import type { VirtualDevice, VirtualFloppy } from "../../../../schema/index.ts";
import { create, isA } from "../../../vim/codec/objects.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { deviceChange, type PlannedChange } from "./device-changes.ts";
import { connectable, deviceNameOf, fileNameOf, hasHostDevice } from "./medium.ts";
import { BY_DEVICES, type DeviceSetting, WITH_DEVICES } from "./setting.ts";

/** The desired state of a floppy drive. Without a medium it is empty. False means no drive. */
export type FloppyWish =
  | false
  | {
      /** Datastore path of an image. */
      readonly image?: string | undefined;
      /** A drive of the host: any, or the one of that name. */
      readonly hostDevice?: true | string | undefined;
      /** Whether the medium is connected at power-on. Default true for a drive that has one. */
      readonly connected?: boolean | undefined;
    };

type Drive = Exclude<FloppyWish, false>;

const KEY = -5000;
/** The Super I/O controller is on the board of every machine. */
const SIO_CONTROLLER_KEY = 400;

/** A machine's first floppy drive. */
export const floppy: DeviceSetting<FloppyWish> = {
  stage: "devices",
  observe: (vm, wish) => {
    const drive = firstDrive(vm);
    return drive === undefined ? false : observed(drive, wish === false ? {} : wish);
  },
  spec: (vm, wish) => ({ deviceChange: plan(vm, wish).map(({ change }) => change) }),
  off: (vm, wish) => plan(vm, wish).some(({ cold }) => cold),
  vmx: BY_DEVICES,
  copied: WITH_DEVICES,
};

function plan(vm: ObservedVm, wish: FloppyWish): PlannedChange[] {
  const drive = firstDrive(vm);
  if (wish === false) return drive ? [{ change: deviceChange("remove", drive), cold: true }] : [];
  const wished = {
    backing: backingFor(wish),
    connectable: connectable(isConnected(wish), drive?.connectable),
  };
  if (drive) return [{ change: deviceChange("edit", { ...drive, ...wished }), cold: false }];
  const added = create("VirtualFloppy", { key: KEY, controllerKey: SIO_CONTROLLER_KEY, ...wished });
  return [{ change: deviceChange("add", added), cold: true }];
}

function observed(drive: VirtualFloppy, wish: Drive): Drive {
  const image = fileNameOf(drive, wish.image);
  const medium = {
    ...(image !== undefined && { image }),
    ...(hasHostDevice(drive) && { hostDevice: deviceNameOf(drive, wish.hostDevice) }),
  };
  const connected = drive.connectable?.startConnected ?? isConnected(wish);
  return {
    ...medium,
    ...((wish.connected !== undefined || connected !== isConnected(medium)) && { connected }),
  };
}

function backingFor({ image, hostDevice }: Drive): VirtualDevice["backing"] {
  if (image !== undefined) return create("VirtualFloppyImageBackingInfo", { fileName: image });
  if (hostDevice === true)
    return create("VirtualFloppyDeviceBackingInfo", { deviceName: "", useAutoDetect: true });
  if (hostDevice !== undefined) return create("VirtualFloppyDeviceBackingInfo", { deviceName: hostDevice });
  return create("VirtualFloppyRemoteDeviceBackingInfo", { deviceName: "" });
}

const isConnected = ({ image, hostDevice, connected }: Drive): boolean =>
  connected ?? (image !== undefined || hostDevice !== undefined);

const firstDrive = (vm: ObservedVm): VirtualFloppy | undefined =>
  vm.devices.find((device) => isA(device, "VirtualFloppy"));
