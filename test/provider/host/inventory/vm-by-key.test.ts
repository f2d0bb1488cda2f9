import { describe, expect, test } from "vitest";
import { keyOf, theOneCalled, type VmKey } from "../../../../provider/host/inventory/vm-by-key.ts";
import type { UnreadableVm } from "../../../../provider/host/vm/reading/unreadable-vm.ts";
import { BLANK_VM } from "../../../../provider/host/vm/settings/blank-vm.ts";

const UUID = "52D1A111-2222-3333-4444-555566667777";

test.each([
  ["web", "name"],
  [UUID, "instanceUuid"],
  [UUID.toLowerCase(), "instanceUuid"],
  [`x${UUID}`, "name"],
  [`${UUID}0`, "name"],
  [UUID.replaceAll("-", ""), "name"],
  ["[ssd] web/web.vmx", "vmxPath"],
  ["[] /vmfs/volumes/ssd/web/web.vmx", "name"],
])("%s is understood as a machine's %s", (text, key) => {
  expect(keyOf(text)).toBe(key);
});

const vm = (
  moid: string,
  name: string,
  vmxPath = `[ssd] ${name}/${name}.vmx`,
  instanceUuid = `u-${moid}`,
) => ({
  ...BLANK_VM,
  ...{ moid, name, vmxPath, instanceUuid },
});
const hidden = (moid: string, name: string, vmxPath?: string): UnreadableVm => ({
  ...{ moid, name, vmxPath, connectionState: "inaccessible", instanceUuid: undefined, files: undefined },
});

/** The id of the machine that is meant, or what is said instead. */
function meant(
  key: VmKey,
  value: string,
  vms: ReturnType<typeof vm>[],
  unreadable: UnreadableVm[] = [],
): string {
  try {
    return theOneCalled("esxi1", { vms, unreadable }, [key, value], {
      none: (instead) => new Error(`none: ${instead}`),
      several: (paths) => new Error(`several: ${paths.join(" and ")}`),
    }).moid;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("the machine that is meant", () => {
  const VMS = [vm("1", "web"), vm("2", "Web"), vm("3", "db", "[ssd] db/db.vmx", UUID.toLowerCase())];

  test("is that of exactly this name, id, UUID or file", () => {
    expect(meant("name", "web", VMS)).toBe("1");
    expect(meant("name", "Web", VMS)).toBe("2");
    expect(meant("moid", "3", VMS)).toBe("3");
    expect(meant("instanceUuid", UUID, VMS)).toBe("3");
    expect(meant("vmxPath", "[ssd] Web/Web.vmx", VMS)).toBe("2");
  });

  test("by its file may be written without the space, and in the other case is another machine", () => {
    expect(meant("vmxPath", "[ssd]Web/Web.vmx", VMS)).toBe("2");
    expect(meant("vmxPath", "[SSD] Web/Web.vmx", VMS)).toMatch(/^none: /);
    expect(meant("vmxPath", "no path", [vm("1", "x", "no path")])).toBe("1");
  });

  test("is never one of several", () => {
    const twins = [vm("1", "web", "[ssd] web/web.vmx"), vm("2", "web", "[hdd] web/web.vmx")];
    expect(meant("name", "web", twins)).toBe("several: [ssd] web/web.vmx and [hdd] web/web.vmx");
    expect(meant("name", "web", [vm("1", "web")], [hidden("9", "web")])).toBe(
      "several: [ssd] web/web.vmx and id 9",
    );
    expect(meant("name", "web", [], [hidden("8", "web", "[nfs] web/web.vmx"), hidden("9", "web")])).toBe(
      "several: [nfs] web/web.vmx and id 9",
    );
  });

  test("is not taken for gone while the host cannot read it", () => {
    expect(meant("name", "web", [vm("1", "db")], [hidden("9", "web")])).toMatch(
      /^esxi1 has "web" in its inventory \(id 9\), but cannot read it now/,
    );
  });
});

describe("if none is meant", () => {
  test("the error guesses a name, or for a file a file, and never a UUID", () => {
    const vms = [vm("1", "web")];
    expect(meant("name", "wed", vms)).toBe('none: did you mean "web"? esxi1 has "web"');
    expect(meant("vmxPath", "[ssd] web/wed.vmx", vms)).toBe(
      'none: did you mean "[ssd] web/web.vmx"? esxi1 has "[ssd] web/web.vmx"',
    );
    expect(meant("instanceUuid", "u-2", vms)).toBe('none: esxi1 has "web"');
    expect(meant("name", "web", [])).toBe("none: esxi1 has no virtual machines");
  });

  test("it may be one of those that the host cannot read, which are named", () => {
    expect(
      meant("name", "db", [vm("1", "web")], [hidden("8", "a", "[nfs] a/a.vmx"), hidden("9", "b")]),
    ).toMatch(
      /"web"\. It may be one of those that the host cannot read now: "a" \(id 8, \[nfs\] a\/a\.vmx\), "b" \(id 9\)$/,
    );
  });
});
