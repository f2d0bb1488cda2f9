import { posix } from "node:path";
import { expect, test } from "vitest";
import { refuseByDescriptors } from "../../../../provider/host/clone/clone-ssh-disks.ts";
import { CommandError } from "../../../../provider/ssh/commands/command-error.ts";
import { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";

const FOLDER = "/vmfs/volumes/datastore1/golden";

/** Looks at a disk where there are these descriptors and nothing else. */
function look(descriptors: Readonly<Record<string, string>>): Promise<void> {
  const shell = new EsxiShell({
    host: "esxi1",
    exec: async ([command, , , path = ""]) => {
      const stdout = command === "head" ? descriptors[posix.relative(FOLDER, path)] : undefined;
      if (stdout === undefined)
        throw new CommandError("no such file", { exitCode: 1, stdout: "", stderr: "" });
      return { stdout, stdoutBytes: Buffer.from(stdout), stderr: "" };
    },
  });
  const { signal } = new AbortController();
  return refuseByDescriptors(shell, { name: "golden" }, [`${FOLDER}/golden.vmdk`], signal);
}

test("a raw device that only its descriptor tells of is not copied, nor a disk of differences from one", async () => {
  const raw = 'createType="vmfsPassthroughRawDeviceMap"\n';
  await expect(look({ "golden.vmdk": raw })).rejects.toThrow(
    `esxi1: "golden" cannot be cloned: its disk ${FOLDER}/golden.vmdk is a raw device in physical mode, which no host copies. Nothing was created.`,
  );
  const delta = 'createType="seSparse"\nparentFileNameHint="../base/base.vmdk"\n';
  await expect(look({ "golden.vmdk": delta, "../base/base.vmdk": raw })).rejects.toThrow(
    "its disk /vmfs/volumes/datastore1/base/base.vmdk is a raw device",
  );
});

test("a disk of a desktop product is named with its format", async () => {
  await expect(look({ "golden.vmdk": 'createType="twoGbMaxExtentSparse"\n' })).rejects.toThrow(
    /golden\.vmdk has the format twoGbMaxExtentSparse.*vmkfstools -i/,
  );
});

test("disks of hosts, a chain that ends in itself and what cannot be read are left to the copy", async () => {
  await look({ "golden.vmdk": 'createType="vmfs"\n' });
  await look({ "golden.vmdk": 'createType="vmfsRawDeviceMap"\n' });
  await look({ "golden.vmdk": 'createType="seSparse"\nparentFileNameHint="golden.vmdk"\n' });
  await look({});
});

test("a connection that breaks is no answer", async () => {
  const lost = () => Promise.reject(new Error("the connection was lost"));
  const shell = new EsxiShell({ host: "esxi1", exec: lost });
  const { signal } = new AbortController();
  const looking = refuseByDescriptors(shell, { name: "golden" }, ["/vmfs/volumes/a/a.vmdk"], signal);
  await expect(looking).rejects.toThrow("the connection was lost");
});
