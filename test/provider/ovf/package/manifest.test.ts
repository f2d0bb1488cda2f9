import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../../provider/ovf/package/manifest.ts";
import { ManifestError } from "../../../../provider/ovf/package/manifest-error.ts";

const sha1 = "0123456789abcdef0123456789abcdef01234567";
const sha256 = "a".repeat(64);
const sha512 = "b".repeat(128);

describe("a manifest", () => {
  it.each([
    ["as ovftool writes it", `SHA256(disk1.vmdk)= ${sha256}`, "disk1.vmdk", "sha256", sha256],
    ["with spaces, as govmomi's OVA has it", `SHA1 (a b.vmdk) = ${sha1}`, "a b.vmdk", "sha1", sha1],
    ["with no space at all", `SHA512(x)=${sha512}`, "x", "sha512", sha512],
    ["in lower case", `sha256(x)= ${sha256}`, "x", "sha256", sha256],
    ["with a dash in the algorithm", `SHA-256(x)= ${sha256}`, "x", "sha256", sha256],
    ["with upper-case digits", `SHA256(x)= ${sha256.toUpperCase()}`, "x", "sha256", sha256],
    ["of a chunk", `SHA1(d.vmdk.000000001)= ${sha1}`, "d.vmdk.000000001", "sha1", sha1],
    ["of a name with brackets", `SHA1(d (copy).vmdk)= ${sha1}`, "d (copy).vmdk", "sha1", sha1],
    ["of a name with a leading ./", `SHA1(./d.vmdk)= ${sha1}`, "d.vmdk", "sha1", sha1],
    ["with a byte order mark", `\uFEFFSHA1(d.vmdk)= ${sha1}`, "d.vmdk", "sha1", sha1],
  ])("has a line %s", (_, line, name, algorithm, digest) => {
    expect([...parseManifest("a.mf", line).entries]).toEqual([[name, { algorithm, digest }]]);
  });

  it.each(["\n", "\r\n", "\r"])("may end its lines with %j and have empty ones", (end) => {
    const text = [`SHA1(a)= ${sha1}`, "", `SHA256(b)= ${sha256}`, "   ", ""].join(end);
    expect([...parseManifest("a.mf", text).entries.keys()]).toEqual(["a", "b"]);
  });

  it("may be empty", () => {
    expect(parseManifest("a.mf", "").entries.size).toBe(0);
  });

  it.each([
    ["something else", "hello"],
    ["no digest", "SHA1(a)="],
    ["no name", `SHA1()= ${sha1}`],
    ["an unknown algorithm", `MD5(a)= ${sha1}`],
    ["a digest that is too short", `SHA256(a)= ${sha1}`],
    ["digits that are not hex", `SHA1(a)= ${sha1.replace("0", "g")}`],
    ["a second digest of one file", `SHA1(z)= ${sha1.replace("0", "1")}`],
  ])("is refused by line number for %s", (_, line) => {
    const text = `SHA1(z)= ${sha1}\r\n\r\n${line}\r\n`;
    expect(() => parseManifest("a.mf", text)).toThrow(ManifestError);
    expect(() => parseManifest("a.mf", text)).toThrow(/^a\.mf, line 3: /);
  });
});
