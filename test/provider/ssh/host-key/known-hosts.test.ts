import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { knownKeys } from "../../../../provider/ssh/host-key/known-hosts.ts";

const keys = (text: string, host: string, port = 22) => knownKeys(text, host, port).map(({ key }) => key);

test("finds a host by its name, in any case, among several", () => {
  expect(keys("a,ESXi.example.com ssh-rsa AAA\nb ssh-rsa BBB", "esxi.EXAMPLE.com")).toEqual(["AAA"]);
});

test("finds a host on another port only by name and port together", () => {
  const text = "esxi ssh-rsa AAA\n[esxi]:2222 ssh-rsa BBB";
  expect(keys(text, "esxi")).toEqual(["AAA"]);
  expect(keys(text, "esxi", 2222)).toEqual(["BBB"]);
});

test("knows wildcards and exceptions", () => {
  const text = "*.lab,!bad.lab ssh-rsa AAA\n10.0.0.? ssh-rsa BBB";
  expect(keys(text, "esxi1.lab")).toEqual(["AAA"]);
  expect(keys(text, "bad.lab")).toEqual([]);
  expect(keys(text, "10.0.0.7")).toEqual(["BBB"]);
  expect(keys(text, "10x0.0.7")).toEqual([]);
});

test("finds a hashed name", () => {
  const salt = Buffer.from("saltsaltsaltsaltsalt");
  const hash = createHmac("sha1", salt).update("[esxi]:2222").digest("base64");
  const line = `|1|${salt.toString("base64")}|${hash} ssh-rsa AAA`;
  expect(keys(line, "esxi", 2222)).toEqual(["AAA"]);
  expect(keys(line, "esxi")).toEqual([]);
});

test.each([
  ["esxi1.lab", "ESXi1.Lab"],
  ["ESXi1.Lab", "ESXi1.Lab"],
  ["esxi1.lab", "esxi1.lab"],
])("finds the hash of %s for %s: OpenSSH hashes names in lower case", (hashed, asked) => {
  const salt = Buffer.from("saltsaltsaltsaltsalt");
  const hash = createHmac("sha1", salt).update(hashed).digest("base64");
  expect(keys(`|1|${salt.toString("base64")}|${hash} ssh-rsa AAA`, asked)).toEqual(["AAA"]);
});

test("tells revoked keys, and passes over comments, certificates and rubbish", () => {
  const text =
    "# esxi ssh-rsa AAA\n@revoked esxi ssh-rsa BBB\n@cert-authority esxi ssh-rsa CCC\nesxi\n\nesxi ssh-rsa DDD";
  expect(knownKeys(text, "esxi", 22)).toEqual([
    { type: "ssh-rsa", key: "BBB", revoked: true },
    { type: "ssh-rsa", key: "DDD", revoked: false },
  ]);
});
