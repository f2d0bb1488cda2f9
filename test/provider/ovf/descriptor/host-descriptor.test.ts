import { describe, expect, it } from "vitest";
import { descriptorForHost } from "../../../../provider/ovf/descriptor/host-descriptor.ts";
import { parseDescriptor } from "../../../../provider/ovf/descriptor/parse-descriptor.ts";
import { buildOva, diskFile } from "../../../support/ova-builder.ts";

describe("the descriptor for the host", () => {
  it("says nothing of compression and chunks, and else the same", () => {
    const files = [diskFile("a.gz", { compression: "gzip", chunkSizeBytes: 4096 }), diskFile("b.vmdk")];
    const { descriptor } = buildOva({ files });
    const sent = descriptorForHost(descriptor);
    expect(sent).not.toMatch(/compression|chunkSize/);
    const parsed = parseDescriptor(descriptor);
    expect(parseDescriptor(sent)).toEqual({
      ...parsed,
      files: parsed.files.map((file) => ({ ...file, compression: undefined, chunkSizeBytes: undefined })),
    });
  });

  it("is untouched, character by character, where there is nothing to take out", () => {
    const { descriptor } = buildOva();
    expect(descriptorForHost(descriptor)).toBe(descriptor);
  });

  it.each([
    [`<ovf:File ovf:compression='gzip' ovf:href="a>b"/>`, `<ovf:File ovf:href="a>b"/>`],
    ["<File\n  compression = \"gzip\"\n  href='x'></File>", "<File\n  href='x'></File>"],
    [`<File href='ovf:compression="gzip"' chunkSize="1"/>`, `<File href='ovf:compression="gzip"'/>`],
    [`<!-- <File ovf:compression="gzip"/> -->`, `<!-- <File ovf:compression="gzip"/> -->`],
    [`<![CDATA[<File compression="gzip"/>]]>`, `<![CDATA[<File compression="gzip"/>]]>`],
    [
      `<FileSet compression="gzip"/><Disk ovf:compression="x"/>`,
      `<FileSet compression="gzip"/><Disk ovf:compression="x"/>`,
    ],
  ])("turns %j into %j", (written, sent) => {
    expect(descriptorForHost(written)).toBe(sent);
  });
});
