import { mkdir, symlink, truncate, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFile } from "../../../provider/ovf/package/open-file.ts";
import { checkOvaSource } from "../../../provider/ovf/source/check-source.ts";
import { collect } from "../../support/collect.ts";
import { type BuiltOva, buildOva, diskFile } from "../../support/ova-builder.ts";
import { ovaFolder } from "../../support/ova-folder.ts";

const folder = ovaFolder();
const { open } = folder;

async function lay(built: BuiltOva, under = ""): Promise<string> {
  for (const [name, content] of built.entries) await folder.write(join(under, name), content);
  return join(folder.path, under, "tiny.ovf");
}

describe("an OVF with files beside it", () => {
  it.each([
    ["plain", {}],
    ["compressed", { compression: "gzip" }],
    ["in chunks", { chunkSizeBytes: 100_000 }],
  ] as const)("yields the exact bytes of each file: %s", async (_, how) => {
    const built = buildOva({
      files: [diskFile("disks/a.vmdk", how), { href: "cd.iso", content: Buffer.alloc(999, 3) }],
    });
    const source = await open(await lay(built));
    for (const [index, file] of source.files.entries()) {
      const content = await collect((await openFile(source, file)).stream);
      expect(content.equals(built.files[index]?.content ?? Buffer.alloc(0))).toBe(true);
    }
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    expect(source.manifest?.name).toBe("tiny.mf");
  });

  it("works without manifest", async () => {
    const source = await open(await lay(buildOva({ manifest: null })));
    expect(source.manifest).toBeUndefined();
    expect(source.warnings).toEqual([]);
  });

  it("fails a damaged file by its manifest", async () => {
    const built = buildOva();
    const path = await lay(built);
    const disk = Buffer.from(built.entries.get("tiny-disk1.vmdk") ?? Buffer.alloc(0));
    disk[70_000] = (disk[70_000] ?? 0) ^ 1;
    await folder.write("tiny-disk1.vmdk", disk);
    const source = await open(path);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVF has no file");
    await expect(collect((await openFile(source, file)).stream)).rejects.toThrow(
      /tiny-disk1\.vmdk is damaged/,
    );
  });

  it("is refused at preview if a disk is cut off", async () => {
    const path = await lay(buildOva({ manifest: null }));
    await truncate(join(folder.path, "tiny-disk1.vmdk"), 100_000);
    const { problems } = await checkOvaSource(await open(path));
    expect(problems[0]?.reason).toMatch(/tiny-disk1\.vmdk ends before its content does: it is truncated/);
  });

  it("is refused if a file leads out of the folder through a symbolic link", async () => {
    const built = buildOva({ manifest: null });
    await folder.write("secret.vmdk", built.entries.get("tiny-disk1.vmdk") ?? "");
    await mkdir(join(folder.path, "inner"));
    const path = await folder.write("inner/tiny.ovf", built.descriptor);
    await symlink("../secret.vmdk", join(folder.path, "inner", "tiny-disk1.vmdk"));
    await expect(open(path)).rejects.toThrow(/tiny-disk1\.vmdk beside it leads out of the folder/);
  });

  it("is refused if a folder on the way is a symbolic link out", async () => {
    const built = buildOva({ files: [diskFile("disks/a.vmdk")], manifest: null });
    await folder.write("outside/a.vmdk", built.entries.get("disks/a.vmdk") ?? "");
    const path = await folder.write("inner/tiny.ovf", built.descriptor);
    await symlink("../outside", join(folder.path, "inner", "disks"));
    await expect(open(path)).rejects.toThrow(/leads out of the folder/);
  });

  it("may use symbolic links within the folder, and be one itself", async () => {
    const built = buildOva();
    const path = await lay(built, "store");
    await folder.write("store/real.vmdk", built.entries.get("tiny-disk1.vmdk") ?? "");
    await symlink("store", join(folder.path, "link"));
    const source = await open(join(folder.path, "link", "tiny.ovf"));
    expect(source.files[0]?.storedBytes).toBe(built.entries.get("tiny-disk1.vmdk")?.length);
    expect(path).toContain("store");
  });

  it("is refused if a file is missing, a folder, or named outside", async () => {
    const path = await folder.write("tiny.ovf", buildOva({ manifest: null }).descriptor);
    await expect(open(path)).rejects.toThrow(
      /References name the file "tiny-disk1\.vmdk", which is not there/,
    );
    await mkdir(join(folder.path, "tiny-disk1.vmdk"));
    await expect(open(path)).rejects.toThrow(/is a folder/);
    for (const href of ["../x.vmdk", "/etc/passwd", "C:\\x.vmdk", "..\\x.vmdk", "file:///etc/passwd"]) {
      const named = await folder.write(
        "n.ovf",
        buildOva({ files: [diskFile(href)], manifest: null }).descriptor,
      );
      await expect(open(named), href).rejects.toThrow(/leaves the archive|backslash/);
    }
  });

  it("is refused if the manifest names a file that is not there", async () => {
    const built = buildOva();
    const path = await lay(built);
    await folder.write("tiny.mf", `${built.entries.get("tiny.mf")}SHA256(b.vmdk)= ${"a".repeat(64)}\n`);
    await expect(open(path)).rejects.toThrow(/tiny\.mf names the file "b\.vmdk"/);
  });

  it("warns of files that the manifest does not vouch for", async () => {
    const built = buildOva();
    const path = await lay(built);
    const line = String(built.entries.get("tiny.mf")).split("\n")[0];
    await folder.write("tiny.mf", `${line}\n`);
    const source = await open(path);
    expect(source.warnings).toEqual([
      "tiny.mf has no digest of tiny-disk1.vmdk: its content is not verified",
    ]);
  });
});

describe("the digest of a source", () => {
  const digest = async (path: string) => (await open(path)).digest;

  it("is the same for an archive and the folder it was made of, if there is a manifest", async () => {
    const built = buildOva();
    const archive = await folder.write("tiny.ova", built.ova);
    expect(await digest(await lay(built))).toBe(await digest(archive));
  });

  it("does not change with the time of change of the file, if there is a manifest", async () => {
    const path = await folder.write("tiny.ova", buildOva().ova);
    const before = await digest(path);
    await utimes(path, 1, 1);
    expect(await digest(path)).toBe(before);
  });

  it("changes with the time of change, the size, the first sector and the end, without manifest", async () => {
    const disk = diskFile();
    const digests: string[] = [];
    const measure = async (content: Uint8Array, mtime = 1_700_000_000) => {
      const path = await folder.write(
        "tiny.ova",
        buildOva({ files: [{ ...disk, content, describedBytes: null }], manifest: null }).ova,
      );
      await utimes(path, mtime, mtime);
      digests.push(await digest(path));
    };
    const changed = (at: number) => Buffer.from(disk.content).fill(0x77, at, at + 4);
    await measure(disk.content);
    await measure(disk.content, 1_700_000_001);
    await measure(changed(100));
    await measure(changed(disk.content.length - 20));
    await measure(Buffer.concat([disk.content, Buffer.alloc(512)]));
    expect(new Set(digests).size).toBe(5);
    await measure(disk.content);
    expect(digests.at(-1)).toBe(digests[0]);
  });

  it("changes with descriptor and manifest", async () => {
    const digests = await Promise.all(
      [
        buildOva(),
        buildOva({ manifest: "sha512" }),
        buildOva({ networks: ["other"] }),
        buildOva({ files: [diskFile("tiny-disk1.vmdk", { seed: 4 })] }),
      ].map(async (built, index) => digest(await folder.write(`${index}.ova`, built.ova))),
    );
    expect(new Set(digests).size).toBe(4);
  });
});
