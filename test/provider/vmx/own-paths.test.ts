/** What of a source's absolute paths a copy goes on using: nothing to which it would write. */
import { describe, expect, test } from "vitest";
import { writeInOwnFolder } from "../../../provider/vmx/own-paths.ts";
import { parseVmx } from "../../../provider/vmx/vmx.ts";

const SOURCE = "/vmfs/volumes/ds/golden";

/** What becomes of one key of the source. Undefined if it goes. */
function becomes(key: string, value: string, further = "", folder = SOURCE): string | undefined {
  const copy = parseVmx(Buffer.from(`${key} = "${value}"\n${further}`));
  writeInOwnFolder(copy, folder, new Set(["ide0:0.fileName"]));
  return copy.get(key);
}

describe("a file to which the machine writes is one in its own folder", () => {
  test.each([
    ["serial0.fileName", "/vmfs/volumes/logs/a/out.txt", "out.txt"],
    ["serial12.fileName", "/tmp/out.txt", "out.txt"],
    ["Parallel1.FileName", "/vmfs/volumes/logs/out.txt", "out.txt"],
    ["log.fileName", "/tmp/vmware.log", "vmware.log"],
    ["vmx.log.fileName", "/tmp/vmware.log", "vmware.log"],
  ])("%s, wherever it was", (key, value, file) => {
    expect(becomes(key, value)).toBe(file);
  });

  test.each(["file", "FILE"])("of a port of the type %s", (type) => {
    expect(becomes("serial0.fileName", "/tmp/out", `serial0.fileType = "${type}"`)).toBe("out");
  });

  test("but a port of the host is none", () => {
    expect(becomes("serial0.fileName", "/dev/ttyS0", 'serial0.fileType = "device"')).toBe("/dev/ttyS0");
  });

  test("nor is any other key that begins or ends like one of those", () => {
    const keys = [
      "x.serial0.fileName",
      "serial0.fileName.old",
      "xlog.fileName",
      "log.fileNameOld",
      "vlog.fileName",
    ];
    for (const key of keys) expect(becomes(key, "/tmp/a"), key).toBe("/tmp/a");
  });
});

describe("a path in the source's folder", () => {
  test.each([
    ["workingDir", SOURCE],
    ["workingDir", `${SOURCE}/`],
    ["workingDir", `${SOURCE}/below`],
    ["workingDir", "/vmfs/volumes/6650-aa/golden/below"],
    ["filenameDir", SOURCE],
  ])("means the own one without a key: %s = %s", (key, value) => {
    expect(becomes(key, value)).toBeUndefined();
  });

  test("of a file keeps the file's name", () => {
    expect(becomes("nvme0:0.fileName", `${SOURCE}/a.vmdk`)).toBe("a.vmdk");
  });

  test.each([
    ["annotation", SOURCE],
    ["displayName", SOURCE],
    ["ide0:0.fileName", `${SOURCE}/tools.iso`],
    ["workingDir", "golden"],
    ["fileSearchPath", "/vmfs/volumes/ds/golden-two"],
    ["fileSearchPath", "/vmfs/volumes/ds/other/golden"],
    ["fileSearchPath", "/vmfs/volumes/ds"],
    ["fileSearchPath", "/vmfs/devices/ds/golden"],
    ["fileSearchPath", "/mnt/volumes/ds/golden"],
    ["fileSearchPath", "/vmfs"],
  ])("is another thing than %s = %s, which stays", (key, value) => {
    expect(becomes(key, value)).toBe(value);
  });

  test.each([
    ["is the volume itself", "/vmfs/volumes/ds"],
    ["is nowhere on a volume", "/tmp/golden"],
    ["has no absolute path", "vmfs/volumes/ds/golden"],
  ])("is none where that %s", (_, folder) => {
    for (const value of ["/vmfs/volumes/ds/golden", "/vmfs/volumes/ds", "/tmp/golden", "/"])
      expect(becomes("workingDir", value, "", folder), value).toBe(value);
  });
});
