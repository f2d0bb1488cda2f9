/** How a .vmx file names files, and what it says of devices that can be unplugged. */
import { expect, test } from "vitest";
import { nameInVmx, plugKeys } from "../../../../../provider/host/vm/vmx/device-keys.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";

test.each([
  ["[ds] vm/a.vmdk", "a.vmdk"],
  ["[ds] vm/below/a.vmdk", "/vmfs/volumes/ds/vm/below/a.vmdk"],
  ["[ds] other/a.vmdk", "/vmfs/volumes/ds/other/a.vmdk"],
  ["[ssd] vm/a.vmdk", "/vmfs/volumes/ssd/vm/a.vmdk"],
  ["[] /vmimages/tools/linux.iso", "/vmimages/tools/linux.iso"],
  ["  []  /vmimages/tools/linux.iso", "/vmimages/tools/linux.iso"],
  ["[]/vmimages/linux.iso", "/vmimages/linux.iso"],
  ["/vmimages/a [] b.iso", "/vmimages/a [] b.iso"],
])("beside [ds] vm/vm.vmx the file %s is %s", (file, name) => {
  expect(nameInVmx(file, "[ds] vm/vm.vmx")).toBe(name);
});

test("a device that is plugged in at power-on needs no word for that, and one that nobody unplugs none at all", () => {
  const info = (startConnected: boolean, allowGuestControl: boolean) =>
    create("VirtualDeviceConnectInfo", { startConnected, allowGuestControl, connected: false });
  expect(plugKeys(info(true, false))).toEqual({ allowGuestConnectionControl: false });
  expect(plugKeys(info(false, true))).toEqual({ startConnected: false, allowGuestConnectionControl: true });
  expect(plugKeys(undefined)).toEqual({});
});
