/** One resource of several is stopped, by its own time limit say: what it has begun for all goes on for the others. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseDatastorePath } from "../../../provider/host/datastore/datastore-path.ts";
import { contentDigest } from "../../../provider/resources/datastore/file-content.ts";
import { lookAtPlace } from "../../../provider/resources/preview/places.ts";
import { closeOvaSources, openOnce } from "../../../provider/resources/vm/ova-sources.ts";
import { serveFiles } from "../../support/file-server.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { Lab } from "./lab.ts";

const STOPPED = new Error("Its time is over.");

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
beforeEach(async () => {
  lab.raw.simulator.faults.clear();
  await lab.restart();
});
afterAll(() => lab.close());

/** Two ask at once, and the first of them is stopped. @returns What each of them gets. */
async function both<T>(ask: (signal: AbortSignal) => Promise<T>, begun: Promise<void> = Promise.resolve()) {
  const stop = new AbortController();
  const asked = [ask(stop.signal), ask(new AbortController().signal)];
  const ended = Promise.allSettled(asked);
  await begun;
  stop.abort(STOPPED);
  const [first, second] = await ended;
  return { first, second };
}

const GOES_ON = { first: { status: "rejected", reason: STOPPED }, second: { status: "fulfilled" } };

test("an OVA from the web is opened", async () => {
  const bytes = await readFile(tinyOva.path);
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const server = await serveFiles(new Map([["/tiny.ova", bytes]]), {
    intercept: () => {
      begin();
      return false;
    },
  });
  const open = (signal: AbortSignal) => openOnce(`${server.url}/tiny.ova`, ".", signal);
  expect(await both(open, begun)).toMatchObject(GOES_ON);
  await closeOvaSources();
  await server.close();
});

test("the end of the process waits for no OVA that is being opened", async () => {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const silent = await serveFiles(new Map(), {
    intercept: () => {
      begin();
      return true;
    },
  });
  const opening = openOnce(`${silent.url}/silent.ova`, ".", new AbortController().signal);
  const ended = expect(opening).rejects.toThrow();
  await begun;
  await closeOvaSources();
  await ended;
  await silent.close();
});

test("a local file is read for its digest", async () => {
  const source = await lab.write("seed.iso", Buffer.alloc(8 * 1024 * 1024, 7));
  const digest = (signal: AbortSignal) => contentDigest({ source, projectFolder: ".", signal });
  const { first, second } = await both(digest);
  expect({ first, second }).toMatchObject(GOES_ON);
  expect(second).toMatchObject({ value: await digest(new AbortController().signal) });
});

test("a preview looks at a place, and looks again after a look that has failed", async () => {
  const place = parseDatastorePath("[datastore1] iso/seed.iso");
  // That it is not there makes this a look into its folder.
  const look = (signal: AbortSignal) => lookAtPlace(lab.host, place, true, signal);
  const seen = await both(look);
  expect(seen).toMatchObject(GOES_ON);
  expect(seen.second).toMatchObject({ value: { isThere: false } });
  await lab.restart();
  lab.raw.simulator.faults.add({ method: "SearchDatastore_Task", action: { fault: "NoPermission" } });
  await expect(look(new AbortController().signal)).rejects.toThrow();
  lab.raw.simulator.faults.clear();
  expect(await look(new AbortController().signal)).toMatchObject({ isThere: false });
});
