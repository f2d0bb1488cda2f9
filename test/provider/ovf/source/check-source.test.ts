import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkOvaSource, type OvaCheck } from "../../../../provider/ovf/source/check-source.ts";
import { openOvaSource } from "../../../../provider/ovf/source/source.ts";
import { buildOva, diskFile, type OvaOptions, type PackedFile } from "../../../support/ova-builder.ts";
import { rawDisk, streamVmdk } from "../../../support/stream-vmdk.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

async function check(options: OvaOptions): Promise<OvaCheck> {
  const source = await openOvaSource(await folder.write("tiny.ova", buildOva(options).ova));
  try {
    return await checkOvaSource(source);
  } finally {
    await source.close();
  }
}

const MIB = 2 ** 20;
const disk = (content: Uint8Array, extra: Partial<PackedFile> = {}): OvaOptions => ({
  files: [{ href: "d.vmdk", content, capacityBytes: MIB, ...extra }],
});
const raw = rawDisk(MIB);

describe("looking at an OVA's disks at preview", () => {
  it.each([
    ["a streamOptimized VMDK", disk(streamVmdk(raw))],
    ["one of version 1", disk(streamVmdk(raw, { version: 1 }))],
    ["one in tiny chunks", disk(streamVmdk(raw), { chunkSizeBytes: 1024 })],
    ["one that is compressed", disk(streamVmdk(raw), { compression: "gzip" })],
    ["one that the descriptor makes larger", disk(streamVmdk(raw), { capacityBytes: 8 * MIB })],
    ["an ISO, whatever is in it", { files: [{ href: "x.iso", content: Buffer.alloc(3) }] }],
  ] as const)("accepts %s", async (_, options) => {
    expect(await check(options)).toEqual({ problems: [], warnings: [] });
  });

  it.each([
    ["a raw image", disk(raw), /not a streamOptimized VMDK but something else .*qemu-img convert/],
    [
      "a qcow2 image",
      disk(Buffer.from(`QFI\xfb${"\0".repeat(600)}`, "latin1")),
      /qcow2.*qemu-img convert -O vmdk/,
    ],
    [
      "a VMDK's text descriptor",
      disk(Buffer.from(`# Disk DescriptorFile\n${" ".repeat(600)}`)),
      /text descriptor/,
    ],
    [
      "a monolithicSparse VMDK",
      disk(streamVmdk(raw, { flags: 3 })),
      /sparse VMDK but not streamOptimized.*qemu-img/,
    ],
    ["one without markers", disk(streamVmdk(raw, { flags: 0x10001 })), /not streamOptimized/],
    ["an unknown version", disk(streamVmdk(raw, { version: 4 })), /version 4/],
    ["an empty file", disk(new Uint8Array()), /but empty/],
    ["a file shorter than a sector", disk(streamVmdk(raw).subarray(0, 100)), /shorter than one sector/],
    ["a text-mode transfer", disk(Buffer.from(streamVmdk(raw)).fill("\n", 73, 77)), /text mode/],
    [
      "a disk larger than described",
      disk(streamVmdk(raw), { capacityBytes: MIB / 2 }),
      /1048576 bytes, the descriptor says 524288/,
    ],
    ["a raw image that is compressed", disk(raw, { compression: "gzip" }), /not a streamOptimized VMDK/],
    [
      "an undeclared gzip",
      disk(gzipSync(streamVmdk(raw))),
      /compressed with gzip, which the descriptor does not say/,
    ],
    [
      "a gzip that is none",
      {
        ...disk(streamVmdk(raw), { compression: "gzip" }),
        manifest: null,
        tamper: (it: Map<string, Buffer>) => it.set("d.vmdk", streamVmdk(raw)),
      },
      /not the gzip file/,
    ],
  ] as const)("refuses %s", async (_, options, message) => {
    const { problems } = await check(options);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toBe("ovaPath");
    expect(problems[0]?.reason).toMatch(message);
    expect(problems[0]?.reason).toContain("d.vmdk");
    expect(problems[0]?.reason).toContain("tiny.ova");
  });

  it("names every bad disk at once", async () => {
    const files = [
      diskFile("good.vmdk"),
      diskFile("a.vmdk", { content: raw }),
      diskFile("b.vmdk", { content: raw }),
    ];
    expect((await check({ files })).problems.map(({ reason }) => /the disk (\S+)/.exec(reason)?.[1])).toEqual(
      ["a.vmdk", "b.vmdk"],
    );
  });

  it("refuses a disk whose end is missing though archive and manifest are whole", async () => {
    const { problems } = await check(disk(streamVmdk(raw).subarray(0, 200 * 512)));
    expect(problems).toEqual([
      {
        path: "ovaPath",
        fileRef: "file1",
        reason: expect.stringMatching(/d\.vmdk ends before its content does: it is truncated/),
      },
    ]);
  });

  it("takes a disk that is filled up with zeros behind its end", async () => {
    const { problems, warnings } = await check(disk(Buffer.concat([streamVmdk(raw), Buffer.alloc(10_000)])));
    expect([...problems, ...warnings]).toEqual([]);
  });

  it("warns of a size that differs from the descriptor's", async () => {
    const { problems, warnings } = await check(disk(streamVmdk(raw), { describedBytes: 10 * MIB }));
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/less than the descriptor's ovf:size/)]);
  });
});
