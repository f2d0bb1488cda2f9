import { describe, expect, test } from "vitest";
import { flagName, MOVE_KEY } from "../../../../../provider/host/vm/reading/move-mark.ts";
import {
  type UnreadableVm,
  UnreadableVmError,
} from "../../../../../provider/host/vm/reading/unreadable-vm.ts";
import { isExactly, theMachine } from "../../../../../provider/host/vm/reading/vm-of-state.ts";

const UUID = "52aa0000-0000-0000-0000-000000000001";

const vm = (moid: string, vmxPath = `[ds] ${moid}/${moid}.vmx`, instanceUuid = UUID) => ({
  moid,
  name: `vm ${moid}`,
  instanceUuid,
  vmxPath,
});

const hidden = (what: Partial<UnreadableVm>): UnreadableVm => ({
  moid: "9",
  name: "away",
  connectionState: "inaccessible",
  vmxPath: undefined,
  instanceUuid: undefined,
  files: undefined,
  ...what,
});

const STATE = { instanceUuid: UUID, moid: "1", vmxPath: "[ds] 1/1.vmx", name: "mine" };
const find = (
  vms: ReturnType<typeof vm>[],
  state: Partial<typeof STATE> = STATE,
  unreadable: UnreadableVm[] = [],
) => theMachine("esxi1", { ...state, instanceUuid: state.instanceUuid ?? UUID }, { vms, unreadable })?.moid;

describe("of machines with one instance UUID the one that state means", () => {
  test("has its managed object id, also if its datastore has another name now", () => {
    expect(find([vm("2"), vm("1")])).toBe("1");
    expect(find([vm("2"), vm("1", "[renamed] 1/1.vmx")])).toBe("1");
  });

  test("is where it was, if it was registered anew", () => {
    expect(find([vm("2"), vm("7", "[ds] 1/1.vmx")])).toBe("7");
  });

  test("is the one that was moved from there, unless one is there still or two say that they were", () => {
    const moved = (moid: string) => {
      const to = `[ssd] ${moid}/1.vmx`;
      const mark = { schema: 1, from: STATE.vmxPath, to, flag: flagName("0123456789abcdef") };
      const text = JSON.stringify({ ...mark, phase: "leaving", ran: false, keepsUuid: false });
      return { ...vm(moid, to), extraConfig: new Map([[MOVE_KEY, text]]) };
    };
    expect(find([vm("2"), moved("7")])).toBe("7");
    expect(find([moved("7"), vm("8", STATE.vmxPath)])).toBe("8");
    expect(() => find([moved("7"), moved("8")])).toThrow("it is not clear which machine");
  });

  test("is found in whatever case the letters of its UUID are", () => {
    expect(find([vm("1", "[ds] 1/1.vmx", UUID.toUpperCase())])).toBe("1");
  });

  test("is undefined if none has that instance UUID, or if it is empty", () => {
    expect(find([vm("1", "[ds] 1/1.vmx", "another")])).toBeUndefined();
    expect(find([vm("1", "[ds] 1/1.vmx", "")], { ...STATE, instanceUuid: "" })).toBeUndefined();
  });

  test("is the only one with its UUID if state of an early release knows no more", () => {
    expect(find([vm("4")], { instanceUuid: UUID })).toBe("4");
    expect(find([vm("4")], { instanceUuid: UUID, moid: "1" })).toBe("4");
  });

  test.each([
    ["neither has its id or path", [vm("2"), vm("3")], STATE],
    ["one has its id, the other its path", [vm("1", "[ds] 2/2.vmx"), vm("2", "[ds] 1/1.vmx")], STATE],
    ["the only one is elsewhere: moved, or a copy", [vm("2")], STATE],
    ["state knows the UUID alone", [vm("1"), vm("2")], { instanceUuid: UUID }],
  ])("is not clear if %s: the error names each and says what to do", (_, vms, state) => {
    const attempt = () => find(vms, state);
    for (const { moid, vmxPath } of vms) {
      expect(attempt).toThrow(`"vm ${moid}" (id ${moid}, ${vmxPath})`);
    }
    expect(attempt).toThrow(/Nothing was changed.*vc\.uuid.*pulumi state delete/s);
  });
});

describe("the error for a machine that is not clear", () => {
  const message = (vms: ReturnType<typeof vm>[], state: Partial<typeof STATE>): string => {
    try {
      return `It is ${find(vms, state)}.`;
    } catch (error) {
      return String(error);
    }
  };

  test("says what state knows, and that there are copies", () => {
    expect(message([vm("2"), vm("3")], STATE)).toContain(
      'which machine "mine" is. With the instance UUID 52aa0000-0000-0000-0000-000000000001 there are 2 machines, copies of ' +
        'each other: "vm 2" (id 2, [ds] 2/2.vmx) and "vm 3" (id 3, [ds] 3/3.vmx); ' +
        "state knows it as id 1, [ds] 1/1.vmx. Nothing was changed.",
    );
  });

  test("says that the only one may be a copy", () => {
    expect(message([vm("2")], { vmxPath: STATE.vmxPath })).toContain(
      'there is only "vm 2" (id 2, [ds] 2/2.vmx): the same machine, moved, or a copy of it; ' +
        "state knows it as [ds] 1/1.vmx. Nothing",
    );
  });

  test("says that state knows no more, if it does not", () => {
    expect(message([vm("1"), vm("2")], {})).toContain(`which machine "${UUID}" is`);
    expect(message([vm("1"), vm("2")], {})).toContain("state knows it as no more than that.");
  });
});

describe("no other machine can be meant", () => {
  test.each([
    ["if all is known", STATE],
    ["if its id alone is known", { instanceUuid: UUID, moid: "1" }],
    ["if its path alone is known", { instanceUuid: UUID, vmxPath: "[ds] 1/1.vmx" }],
  ])("%s, and true of it: what the host cannot read is not looked at", (_, state) => {
    expect(isExactly(vm("1"), state)).toBe(true);
    expect(find([vm("2"), vm("1")], state, [hidden({ instanceUuid: UUID })])).toBe("1");
  });

  test.each([
    ["its UUID is another one", { ...STATE, instanceUuid: "another" }],
    ["its id is another one", { ...STATE, moid: "2" }],
    ["it lies elsewhere", { ...STATE, vmxPath: "[ds] 2/2.vmx" }],
    ["only its UUID is known", { instanceUuid: UUID }],
  ])("except if %s", (_, state) => {
    expect(isExactly(vm("1"), state)).toBe(false);
  });
});

describe("a machine that the host cannot read is not gone", () => {
  test.each<[string, Partial<UnreadableVm>]>([
    ["has the id that state knows", { moid: "1" }],
    ["has the instance UUID", { instanceUuid: UUID.toUpperCase() }],
    ["lies where state says", { vmxPath: "[ds] 1/1.vmx" }],
    ["lies there below a mount point", { vmxPath: "[] /vmfs/volumes/5e2c-aa/1/1.vmx" }],
  ])("if it %s", (_, told) => {
    expect(() => find([], STATE, [hidden(told)])).toThrow(UnreadableVmError);
    expect(() => find([vm("3")], STATE, [hidden(told)])).toThrow(/"mine".*inaccessible.*not gone/s);
  });

  test("if state of an early release knows nothing that tells it apart", () => {
    expect(() => find([], { instanceUuid: UUID }, [hidden({})])).toThrow(UnreadableVmError);
  });

  test.each<[string, Partial<UnreadableVm>]>([
    ["has another instance UUID", { moid: "1", instanceUuid: "another" }],
    ["has another id and lies elsewhere", { vmxPath: "[ds] 2/1.vmx" }],
    ["has another id, of which no more is told", {}],
  ])("but one that %s is somebody else's", (_, told) => {
    expect(find([], STATE, [hidden(told)])).toBeUndefined();
    expect(find([vm("1")], STATE, [hidden({ ...told, moid: "9" })])).toBe("1");
  });

  test.each<[string, { readonly moid?: string; readonly vmxPath?: string }, Partial<UnreadableVm>]>([
    ["by its id alone", { moid: "1" }, { vmxPath: "[ds] 1/1.vmx" }],
    ["by its path alone", { vmxPath: "[ds] 1/1.vmx" }, { moid: "1" }],
    [
      "by a path whose end is the other's name alone",
      { vmxPath: "[ds] 1.vmx" },
      { vmxPath: "[] /vmfs/volumes/5e2c/11.vmx" },
    ],
  ])("nor is one that state tells apart %s", (_, known, told) => {
    expect(find([], { instanceUuid: UUID, ...known }, [hidden(told)])).toBeUndefined();
  });

  test("whatever is written between the datastore and the path, or stands in brackets in one of them", () => {
    const told = hidden({ vmxPath: "[] /vmfs/volumes/5e2c/a [b] c/1.vmx" });
    const written = ["[ds]", "[ds] ", "[ds]  ", "[store [1]] "].map(
      (datastore) => `${datastore}a [b] c/1.vmx`,
    );
    for (const vmxPath of [...written, told.vmxPath ?? ""]) {
      expect(() => find([], { instanceUuid: UUID, vmxPath }, [told])).toThrow(UnreadableVmError);
    }
  });
});
