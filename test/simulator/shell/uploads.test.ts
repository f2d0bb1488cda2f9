/** What the shell makes of disks and files that come over standard input; the words are those of real hosts. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { monolithicVmdk } from "../../support/monolithic-vmdk.ts";
import { rawDisk, streamVmdk } from "../../support/stream-vmdk.ts";
import { ended, logIn, open, run, startSshHost } from "../ssh/ssh-lab.ts";
import { guestDigest, sha256 } from "../vm/snapshot/linked-vm.ts";

const DS = "/vmfs/volumes/datastore1";
const MIB = 2 ** 20;
const RAW = rawDisk(3 * MIB);

describe("an upload by standard input", () => {
  it("is told by `ls -ln` with its size, and by sha256sum with its digest", async () => {
    const client = await logIn(await startSshHost());
    await run(client, `cat > ${DS}/up`, RAW);
    const { stdout } = await run(client, `ls -ln ${DS}/up; sha256sum ${DS}/up`);
    const [listed, digest] = stdout.split("\n");
    expect(listed).toMatch(
      new RegExp(`^-rw------- +1 0 +0 +${RAW.length} \\w{3} [ \\d]\\d \\d\\d:\\d\\d ${DS}/up$`),
    );
    expect(digest).toBe(`${sha256(RAW)}  ${DS}/up`);
  });

  it("grows while it comes, and stays cut off without a word when the connection is lost", async () => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    const channel = await open(client, `cat > ${DS}/up`);
    channel.write(RAW.subarray(0, MIB));
    const size = async () => (await readFile(simulator.localFile("[datastore1] up")).catch(() => "")).length;
    await expect.poll(size).toBe(MIB);
    client.destroy();
    await expect.poll(() => simulator.ssh?.connections()).toBe(0);
    const again = await logIn(simulator);
    expect((await run(again, `ls -ln ${DS}/up`)).stdout).toContain(` ${MIB} `);
  });

  it("ends at the byte with which the datastore is full, whatever else would come", async () => {
    const simulator = await startSshHost({ datastores: [{ name: "datastore1", capacityBytes: MIB + 100 }] });
    const client = await logIn(simulator);
    const channel = await open(client, `cat > ${DS}/up`);
    channel.write(RAW);
    expect(await ended(channel)).toEqual({
      code: 1,
      stdout: "",
      stderr: "cat: write error: No space left on device\n",
    });
    expect((await run(client, `ls -ln ${DS}/up`)).stdout).toContain(` ${MIB + 100} `);
  });
});

describe("vmkfstools -i of an uploaded disk", () => {
  it.each([
    ["streamOptimized", streamVmdk(RAW)],
    ["monolithicSparse", monolithicVmdk(RAW)],
  ])("makes a disk of a %s one under any name", async (_format, image) => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    await run(client, `cat > ${DS}/up.vmdk`, image);
    const made = await run(client, `cd ${DS} && vmkfstools -i up.vmdk -d thin new.vmdk && rm up.vmdk`);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(
      /^Destination disk format: VMFS thin-provisioned\nCloning disk 'up\.vmdk'\.\.\.\n(\rClone: \d+% done\.)*\rClone: 100% done\.\n$/,
    );
    expect(await guestDigest(simulator, "[datastore1] new.vmdk")).toBe(sha256(RAW));
    expect(await simulator.files("datastore1")).toEqual(["new-flat.vmdk", "new.vmdk"]);
  });

  const [stream, sparse] = [streamVmdk(RAW), monolithicVmdk(RAW)];
  const damaged = Buffer.from(stream);
  damaged.fill(0xff, 80_000, 80_100);
  it("refuses with code 15 what is damaged, a part, of an old version, or no disk", async () => {
    const broken = {
      "a part of a streamOptimized one": stream.subarray(0, stream.length / 2),
      "a part of a monolithicSparse one": sparse.subarray(0, sparse.length / 2),
      "a damaged one": damaged,
      "one of an old version": streamVmdk(RAW, { version: 1 }),
      "an empty file": Buffer.alloc(0),
      "something else": Buffer.alloc(100_000, 7),
    };
    const client = await logIn(await startSshHost());
    for (const [what, image] of Object.entries(broken)) {
      await run(client, `cat > '${DS}/${what}'`, image);
      const { code, stderr } = await run(
        client,
        `vmkfstools -i '${DS}/${what}' -d thin '${DS}/${what}.vmdk'`,
      );
      const refusal = "Failed to clone disk: The file specified is not a virtual disk (15).\n";
      expect({ what, code, stderr }).toEqual({ what, code: 255, stderr: refusal });
    }
  });

  it("says that the datastore is full in the words of the system", async () => {
    const image = streamVmdk(RAW);
    const datastores = [{ name: "datastore1", capacityBytes: image.length + MIB }];
    const client = await logIn(await startSshHost({ datastores }));
    await run(client, `cat > ${DS}/up.vmdk`, image);
    expect(await run(client, `vmkfstools -i ${DS}/up.vmdk -d thin ${DS}/new.vmdk`)).toMatchObject({
      code: 255,
      stderr: "Failed to clone disk : No space left on device (1835017).\n",
    });
  });

  it("is killed when nine others run", async () => {
    const simulator = await startSshHost({ taskDurationMs: 60_000 });
    const clients = [await logIn(simulator), await logIn(simulator)];
    const [first, second] = clients;
    if (!first || !second) throw new Error("Nobody logged in.");
    await run(first, `cat > ${DS}/up.vmdk`, streamVmdk(RAW));
    let begun = 0;
    for (let number = 0; number < 9; number++) {
      const command = `vmkfstools -i ${DS}/up.vmdk -d thin ${DS}/new${number}.vmdk`;
      const channel = await open(first, command);
      channel.once("data", () => {
        begun += 1;
      });
      channel.end();
    }
    await expect.poll(() => begun).toBe(9);
    const tenth = await run(second, `vmkfstools -i ${DS}/up.vmdk -d thin ${DS}/new9.vmdk`);
    expect(tenth).toEqual({ code: 137, stdout: "", stderr: "Killed\n" });
  });
});
