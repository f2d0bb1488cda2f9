import { createDecipheriv, createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { guacamoleLink, guacamoleMapping } from "../../../provider/hand-over/index.ts";
import { childNamed, childrenNamed, parseXml } from "../../../provider/ovf/xml/xml.ts";

const CONNECTIONS = {
  "desk & <1>": { protocol: "rdp", parameters: { hostname: "10.44.3.17", password: 'p<&>"s\n2' } },
} as const;
const ALICE = { username: 'alice "a"', password: "s3cret-Word", connections: CONNECTIONS };

test("the mapping has each person with a digest of the password, and what Guacamole needs to connect", () => {
  const text = guacamoleMapping([ALICE]);
  expect(text).not.toContain("s3cret-Word");
  const person = childNamed(parseXml(text), "", "authorize");
  expect(person?.attributes.map(({ name, value }) => [name, value])).toEqual([
    ["username", 'alice "a"'],
    ["password", createHash("sha256").update("s3cret-Word").digest("hex")],
    ["encoding", "sha256"],
  ]);
  const connection = person && childNamed(person, "", "connection");
  expect(connection?.attributes.map(({ value }) => value)).toEqual(["desk & <1>"]);
  expect(connection && childNamed(connection, "", "protocol")?.text).toBe("rdp");
  const params = connection ? childrenNamed(connection, "", "param") : [];
  expect(params.map(({ text: value, attributes }) => [attributes[0]?.value, value])).toEqual([
    ["hostname", "10.44.3.17"],
    ["password", 'p<&>"s\n2'],
  ]);
});

test.each([
  [[ALICE, ALICE], /is there twice/],
  [[{ ...ALICE, username: "a\u0000" }], /characters that XML cannot hold/],
])("what Guacamole could not read is refused", (people, message) => {
  expect(() => guacamoleMapping(people)).toThrow(message);
});

test("a link holds what Guacamole's auth-json decrypts and verifies", () => {
  const secretKey = "4c0b569e4c96df157eee1b65dd0e4d41";
  const expires = new Date("2026-12-24T12:00:00Z");
  const link = new URL(guacamoleLink(ALICE, { url: "https://desk.example/guacamole/", secretKey, expires }));
  expect(link.origin + link.pathname).toBe("https://desk.example/guacamole/");
  const key = Buffer.from(secretKey, "hex");
  const decipher = createDecipheriv("aes-128-cbc", key, Buffer.alloc(16));
  const data = Buffer.from(link.searchParams.get("data") ?? "", "base64");
  const signed = Buffer.concat([decipher.update(data), decipher.final()]);
  const [signature, json] = [signed.subarray(0, 32), signed.subarray(32)];
  expect(createHmac("sha256", key).update(json).digest("hex")).toBe(signature.toString("hex"));
  expect(JSON.parse(json.toString())).toEqual({
    username: 'alice "a"',
    expires: expires.getTime(),
    connections: CONNECTIONS,
  });
});

test("everything that is wrong with a link is said at once, and the key is not", () => {
  const options = { url: "desk", secretKey: "s3cret", expires: new Date(Number.NaN) };
  const wrong = () => guacamoleLink(ALICE, options);
  expect(wrong).toThrow(/32 hex digits[\s\S]*"desk" is no URL[\s\S]*expires is no time/);
  expect(wrong).not.toThrow(/s3cret/);
});
