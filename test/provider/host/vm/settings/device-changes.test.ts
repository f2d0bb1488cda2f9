/** A machine's devices after changes that are planned, and changes with further edits in them. */
import { expect, test } from "vitest";
import {
  alsoEdited,
  deviceChange,
  withDeviceChanges,
} from "../../../../../provider/host/vm/settings/device-changes.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";

const drive = (key: number, unitNumber = 0) => create("VirtualCdrom", { key, unitNumber });
const vm = { name: "vm", devices: [drive(1), drive(2), drive(3)] };

test("devices that are added come last, those that are edited stay in their place, and those that are removed go", () => {
  const changes = [
    deviceChange("remove", drive(1)),
    deviceChange("edit", drive(2, 7)),
    deviceChange("add", drive(-1)),
    deviceChange("edit", drive(9)),
    deviceChange("remove", drive(8)),
  ];
  expect(withDeviceChanges(vm, changes)).toEqual({ name: "vm", devices: [drive(2, 7), drive(3), drive(-1)] });
  expect(vm.devices).toHaveLength(3);
  expect(withDeviceChanges(vm, undefined)).toEqual(vm);
});

test("a device that is added with the key of another one takes its place", () => {
  expect(withDeviceChanges(vm, [deviceChange("add", drive(2, 5))]).devices).toEqual([
    drive(1),
    drive(3),
    drive(2, 5),
  ]);
});

test("a change says what it is, and what is done with the file", () => {
  expect(deviceChange("remove", drive(1), "destroy")).toEqual(
    create("VirtualDeviceConfigSpec", { operation: "remove", fileOperation: "destroy", device: drive(1) }),
  );
  expect(deviceChange("remove", drive(1))).not.toHaveProperty("fileOperation");
});

test("an edit is taken into the change that its device has, unless that removes it; the others follow", () => {
  const changes = [
    deviceChange("add", drive(-1), "create"),
    deviceChange("remove", drive(2)),
    deviceChange("edit", drive(4)),
  ];
  const edits = [drive(-1, 5), drive(2, 5), drive(3, 5)].map((device) => deviceChange("edit", device));
  expect(alsoEdited(changes, edits)).toEqual([
    deviceChange("add", drive(-1, 5), "create"),
    deviceChange("remove", drive(2)),
    deviceChange("edit", drive(4)),
    deviceChange("edit", drive(2, 5)),
    deviceChange("edit", drive(3, 5)),
  ]);
});
