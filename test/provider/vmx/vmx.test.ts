import { describe, expect, test } from "vitest";
import { formatVmx, parseVmx, type Vmx } from "../../../provider/vmx/vmx.ts";
import { numbers, randomVmxText } from "./random-vmx.ts";

const parse = (text: string, encoding: BufferEncoding = "utf8") => parseVmx(Buffer.from(text, encoding));
const text = (vmx: Vmx) => Buffer.from(formatVmx(vmx)).toString("utf8");

const isUsable = (key: string) => /^[\w.:]+$/.test(key) && key.toLowerCase() !== ".encoding";

describe("reading", () => {
  test.each([
    ['memSize = "128"', "128"],
    ['memSize="128"', "128"],
    ["memSize = 128", "128"],
    ["  memSize\t=\t128  # in MB", "128"],
    ['memSize = "128" # in MB', "128"],
    ['memSize = "128"   # in "MB"', "128"],
    ["memSize = # in MB", ""],
    ['MEMSIZE = "128"', "128"],
    ["memsize =", ""],
    ['memSize = ""', ""],
    ['memSize = "a # b"', "a # b"],
    ['memSize = "open', "open"],
    ['memSize = "a "b" c"', 'a "b" c'],
    ['memSize = " a "b" c"  ', ' a "b" c'],
    ["memSize = two words", "two words"],
    ['memSize = "a = b"', "a = b"],
    ['memSize = "|22x|22|0A|7C"', '"x"\n|'],
    ['memSize = "|C3|A4"', "ä"],
    ['memSize = "100|"', "100|"],
  ])("finds the value in %s", (line, value) => {
    expect(parse(`.encoding = "UTF-8"\n${line}\n`).get("memsize")).toBe(value);
  });

  test("takes the first of two lines with the same key", () => {
    expect(parse('a = "1"\nA = "2"\n').get("a")).toBe("1");
  });

  test("sees no keys in comments, blank lines, a line for the shell, and rubbish", () => {
    expect(parse('#!/usr/bin/vmware\n# a = "1"\n\nrubbish\n= 3\nb = "2"').keys()).toEqual(["b"]);
  });

  test("reads a file that begins with a byte order mark", () => {
    expect(parse('\ufeff.encoding = "UTF-8"\na = "ü"\n').keys()).toEqual([".encoding", "a"]);
  });

  test.each([
    ["windows-1252", Buffer.from('.encoding = "windows-1252"\na = "\xfc\x80"\n', "latin1"), "ü€"],
    ["ISO-8859-1", Buffer.from('.encoding = "ISO-8859-1"\na = "\xfc"\n', "latin1"), "ü"],
    ["GBK", Buffer.from('.encoding = "GBK"\na = "\xd6\xd0"\n', "latin1"), "中"],
    // The second byte of this character is a bar, which is no escape.
    ["Shift_JIS", Buffer.from('.encoding = "Shift_JIS"\na = "\x83\x7c22"\n', "latin1"), "ポ22"],
    ["nothing, in UTF-8", Buffer.from('a = "中"\n', "utf8"), "中"],
    ["nothing, and not in UTF-8", Buffer.from('a = "\xfc"\n', "latin1"), "ü"],
  ])("reads a file whose encoding is %s", (_, bytes, value) => {
    expect(parseVmx(bytes).get("A")).toBe(value);
    expect(Buffer.from(formatVmx(parseVmx(bytes))).equals(bytes)).toBe(true);
  });

  test("refuses an encoding that nobody knows, binary data, and a file far too large", () => {
    expect(() => parse('.encoding = "klingon"\n')).toThrow(/"klingon"/);
    expect(() => parseVmx(Buffer.from("KDMV\0\0"))).toThrow(/zero bytes/);
    expect(() => parseVmx(Buffer.alloc(5_000_000, 65))).toThrow(/too many/);
  });
});

describe("writing", () => {
  test("changes a value where it stands, and nothing else", () => {
    const vmx = parse('# mine\r\nMemSize=128   # MB\r\nguestOS = "other"');
    vmx.set("memsize", "256");
    expect(text(vmx)).toBe('# mine\r\nMemSize = "256"\r\nguestOS = "other"');
  });

  test("leaves a line alone that has the value already, however it is written", () => {
    const vmx = parse("MemSize=128   # MB\n");
    vmx.set("memsize", "128");
    expect(text(vmx)).toBe("MemSize=128   # MB\n");
  });

  test("adds at the end, with the file's own line ends", () => {
    const vmx = parse('a = "1"\r\nb = "2"');
    vmx.set("c", "3");
    expect(text(vmx)).toBe('a = "1"\r\nb = "2"\r\nc = "3"\r\n');
  });

  test("leaves one line for a key that had several, and none for one that is removed", () => {
    const vmx = parse('a = "1"\nb = "2"\nA = "3"\nB = "4"\n');
    vmx.set("a", "5");
    vmx.delete("B");
    expect(text(vmx)).toBe('a = "5"\n');
  });

  test("turns a file of another encoding into UTF-8 once it must hold something new that is not ASCII", () => {
    const vmx = parseVmx(Buffer.from('.encoding = "windows-1252"\nold = "\xfc"\n', "latin1"));
    vmx.set("plain", "x");
    expect(Buffer.from(formatVmx(vmx)).toString("latin1")).toContain('old = "\xfc"');
    vmx.set("new", "中");
    expect(text(vmx)).toBe('.encoding = "UTF-8"\nold = "ü"\nplain = "x"\nnew = "中"\n');
  });

  test("refuses a key that would be read back as something else", () => {
    for (const key of ["", "a b", "a=b", "#a", 'a"', "ä"])
      expect(() => parse("").set(key, "1")).toThrow(/key/);
    expect(() => parse("").set(".encoding", "GBK")).toThrow(/UTF-8/);
  });

  test("a copy can be changed without the original", () => {
    const vmx = parse('a = "1"\n');
    vmx.copy().set("a", "2");
    expect(vmx.get("a")).toBe("1");
  });
});

describe("for any file", () => {
  test("what is not changed is written byte for byte as it was read", () => {
    for (const seed of numbers(300)) {
      const bytes = Buffer.from(randomVmxText(seed), "utf8");
      expect(Buffer.from(formatVmx(parseVmx(bytes))).equals(bytes), `seed ${seed}`).toBe(true);
    }
  });

  test("a value that is set is read back, whatever it is, and the others stay", () => {
    for (const seed of numbers(300)) {
      const vmx = parse(randomVmxText(seed));
      const before = new Map(vmx.keys().map((key) => [key.toLowerCase(), vmx.get(key)]));
      const value = randomVmxText(seed + 1_000_000);
      const key = seed % 2 === 0 ? (vmx.keys().find(isUsable) ?? "new.key") : "new.key";
      vmx.set(key, value);
      const again = parseVmx(formatVmx(vmx));
      expect(again.get(key), `seed ${seed}`).toBe(value);
      for (const [other, kept] of before) {
        if (other !== key.toLowerCase() && other !== ".encoding")
          expect(again.get(other), `seed ${seed}`).toBe(kept);
      }
      again.delete(key.toUpperCase());
      expect(parseVmx(formatVmx(again)).get(key)).toBeUndefined();
    }
  });
});
