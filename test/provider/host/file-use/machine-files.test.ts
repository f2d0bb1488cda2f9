/** Which files are a machine's own, and which go with it. */
import { describe, expect, test } from "vitest";
import { filesOnDelete, ownDiskFiles } from "../../../../provider/host/file-use/machine-files.ts";
import { diskWith, machineWith, usesWith } from "./machines.ts";

const uses = (...snapshotDisks: string[][]) => usesWith(snapshotDisks);

describe("a machine's own disk files", () => {
  const own = (chains: string[][], ...frozen: string[][]) =>
    ownDiskFiles(machineWith(chains.map((chain, index) => diskWith(chain, 2000 + index))), uses(...frozen));

  test("are those of its disks and its snapshots', each once", () => {
    const [leaf, base, other] = ["[ds] vm/vm-000001.vmdk", "[ds] vm/vm.vmdk", "[ds2] vm/b.vmdk"];
    expect(own([[leaf, base], [other]], [base])).toEqual([leaf, base, other]);
    expect(own([], [base], [other])).toEqual([base, other]);
  });

  test("are not those of the machine that a linked clone builds on", () => {
    const [leaf, base] = ["[ds] vm/vm.vmdk", "[ds] golden/golden.vmdk"];
    expect(own([[leaf, base]], [leaf, base])).toEqual([leaf]);
  });

  test("are none of a disk of which the host tells no file", () => {
    expect(own([], [])).toEqual([]);
  });
});

describe("with a machine that is deleted", () => {
  const OWN = ["[ds] vm/vm-000001.vmdk", "[ds] vm/vm.vmdk"];
  const LABELS = {
    attached: { origin: "attached", file: "[ds] vm/attached.vmdk" },
    made: { origin: "made", file: "[ds2] vm/made.vmdk" },
  };
  const deleted = (chains: string[][], ...frozen: string[][]) =>
    filesOnDelete(
      machineWith(
        chains.map((chain, index) => diskWith(chain, 2000 + index)),
        { "pulumi-esxi-direct.labels": JSON.stringify(LABELS) },
      ),
      uses(...frozen),
    );

  test("go the files in its own folder, its snapshots' too, each once", () => {
    expect(deleted([OWN], ["[ds] vm/vm.vmdk"], ["[ds] vm/gone.vmdk"])).toEqual({
      going: [...OWN, "[ds] vm/gone.vmdk"],
      stuck: [],
    });
  });

  test("go those that were made for it elsewhere, and no other that lies elsewhere", () => {
    const made = ["[ds2] vm/made-000001.vmdk", "[ds2] vm/made.vmdk"];
    expect(deleted([made, ["[ds2] vm/other.vmdk"], ["[ds] vm/vm.vmdk", "[ds] golden/golden.vmdk"]])).toEqual({
      going: [...made, "[ds] vm/vm.vmdk"],
      stuck: [],
    });
  });

  test("a disk that was attached stays, also in its own folder", () => {
    expect(deleted([["[ds] vm/attached.vmdk"], OWN])).toEqual({ going: OWN, stuck: [] });
  });

  test("disks of its snapshots that are to stay are named, each once: the host would delete them", () => {
    const frozen = [
      ["[ds] vm/attached.vmdk"],
      ["[ds3] data.vmdk"],
      ["[ds3] data.vmdk"],
      [],
      ["[ds] vm/vm.vmdk"],
    ];
    expect(deleted([["[ds] vm/attached.vmdk"]], ...frozen)).toEqual({
      going: ["[ds] vm/vm.vmdk"],
      stuck: ["[ds] vm/attached.vmdk", "[ds3] data.vmdk"],
    });
  });
});
