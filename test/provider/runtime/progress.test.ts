import { afterEach, beforeEach, expect, test } from "vitest";
import { closeEngine } from "../../../provider/runtime/engine.ts";
import { progressFor } from "../../../provider/runtime/progress.ts";
import { type FakeEngine, startEngine } from "./fake-engine.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:OvaDeployment::vm";
const argument = process.argv[2];
let engine: FakeEngine;

beforeEach(async () => {
  engine = await startEngine();
  process.argv[2] = engine.address;
});

afterEach(() => {
  closeEngine();
  engine.stop();
  process.argv[2] = argument ?? "";
});

test("lines stay under the resource, a status leaves no trace", async () => {
  const progress = progressFor(URN);
  progress.status("uploading");
  progress.info("replaces the VM");
  progress.warn("the OVF is odd");
  await expect
    .poll(() => [...engine.lines].sort((a, b) => a.kind.localeCompare(b.kind)))
    .toEqual([
      { kind: "info", urn: URN, text: "replaces the VM" },
      { kind: "status", urn: URN, text: "uploading" },
      { kind: "warning", urn: URN, text: "the OVF is odd" },
    ]);
});

test("of many statuses the last is shown when a second is over, and at most one in each further second", async () => {
  const progress = progressFor(URN);
  const begun = performance.now();
  for (let percent = 0; percent <= 50; percent++) progress.status(`${percent} %`);
  await expect.poll(() => engine.texts("status")).toEqual(["50 %"]);
  expect(performance.now() - begun).toBeGreaterThan(950);
  for (let percent = 51; percent <= 100; percent++) progress.status(`${percent} %`);
  await expect.poll(() => engine.texts("status")).toEqual(["50 %", "100 %"]);
  expect(performance.now() - begun).toBeGreaterThan(1900);
});

test("a status that is held back when the operation ends is dropped", async () => {
  const ended = progressFor(URN);
  ended.status("uploading: 98 %");
  ended.status("uploading: 99 %");
  await ended.end();
  const next = progressFor(URN);
  next.status("first of the next");
  next.status("second of the next");
  await expect.poll(() => engine.texts("status")).toEqual(["second of the next"]);
});

test("a status that is shown is taken away before the operation ends", async () => {
  const progress = progressFor(URN);
  progress.status("uploading: 99 %");
  await expect.poll(() => engine.texts("status"), { timeout: 5000 }).toEqual(["uploading: 99 %"]);
  await progress.end();
  expect(engine.texts("status")).toEqual(["uploading: 99 %", ""]);
  await progress.end();
  expect(engine.texts("status")).toHaveLength(2);
});

test("without a URN or an engine nothing is said, and nothing fails", async () => {
  progressFor(undefined).warn("nobody's");
  process.argv[2] = "not-an-address";
  progressFor(URN).warn("lost");
  process.argv[2] = engine.address;
  progressFor(URN).warn("heard");
  await expect.poll(() => engine.texts("warning")).toEqual(["heard"]);
});

test("an engine that is gone is no reason to fail", async () => {
  engine.stop();
  const progress = progressFor(URN);
  progress.warn("lost");
  engine = await startEngine();
  closeEngine();
  process.argv[2] = engine.address;
  progress.warn("heard");
  await expect.poll(() => engine.texts("warning")).toEqual(["heard"]);
});
