import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { DatastoreFile, seedIso } from "../../../provider/index.ts";
import { mockEngine } from "../../support/mock-engine.ts";

let registered: Record<string, unknown>[];

beforeEach(async () => {
  registered = [];
  await mockEngine(({ inputs }) => void registered.push(inputs));
});

const SEED = seedIso({ guest: { hostname: "web" } });

test.each<[string, pulumi.Input<string | Uint8Array>, Uint8Array]>([
  ["text", "héllo", Buffer.from("héllo")],
  ["no text", "", Buffer.from("")],
  ["bytes", SEED, SEED],
  ["bytes that are known later", Promise.resolve(SEED), SEED],
  ["bytes of an output", pulumi.output("web").apply(() => SEED), SEED],
])("%s as content is handed over whole, compressed and as a secret", async (_, content, expected) => {
  const file = new DatastoreFile("seed", { path: "seed.iso", content });
  await new Promise((resolve) => file.urn.apply(resolve));
  const [{ source, content: plain } = {}] = registered;
  expect(plain).toBeUndefined();
  const sent = String((source as { value?: string }).value ?? source);
  const [head, body = ""] = sent.split(",");
  expect(head).toBe("data:application/gzip;base64");
  expect(Buffer.compare(gunzipSync(Buffer.from(body, "base64")), expected)).toBe(0);
  expect(sent.length).toBeLessThan(3000);
});

test("source and content together are refused, and so is more than 16 MiB", () => {
  expect(() => new DatastoreFile("seed", { path: "a", source: "a", content: "b" })).toThrow(/one of the two/);
  expect(() => new DatastoreFile("seed", { path: "a", content: Buffer.alloc(17 << 20) })).toThrow(/16 MiB/);
});
