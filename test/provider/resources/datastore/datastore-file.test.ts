/** Each test ends with a look at what is on the raw host's disk. */
import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, utimes, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { datastoreFile } from "../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { serveFiles } from "../../../support/file-server.ts";
import { markOf, withoutOwnMarks } from "../../../support/own-marks.ts";
import { failure, Lab } from "../lab.ts";
import { type InState, Managed } from "../managed.ts";

const ISO = randomBytes(3_000_000);
const WISH = { path: "iso/Core-5.4.iso", source: "images/Core.iso" };
const ID = "[datastore1] iso/Core-5.4.iso";
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let lab: Lab;
let file: Managed;

beforeEach(async () => {
  lab = await Lab.open();
  file = new Managed(lab, "DatastoreFile", datastoreFile);
  await lab.write("images/Core.iso", ISO);
});

afterEach(() => lab.close());

/** Digest of what the host has. */
const onHost = async () => digest(await readFile(lab.raw.simulator.localFile(ID)));
const files = async () => withoutOwnMarks((await lab.raw.contents()).files);
const folders = () => lab.raw.simulator.requests;

/** A virtual machine with the ISO in its drive. */
async function mount(state: InState, powerOn = false): Promise<void> {
  const backing = { $type: "VirtualCdromIsoBackingInfo", fileName: String(state.outs.datastorePath) };
  await lab.create({ powerOn: false });
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, {
    deviceChange: [
      {
        operation: "add",
        device: {
          $type: "VirtualCdrom",
          key: -1,
          controllerKey: 200,
          unitNumber: 0,
          backing,
          connectable: { startConnected: true, allowGuestControl: true, connected: false },
        },
      },
    ],
  });
  if (powerOn) await lab.raw.simulator.behindBack.powerOn(lab.raw.vm("vm").moid);
}

test("a file is uploaded with the folders above it, byte for byte, and nothing else is there", async () => {
  const state = await file.create(WISH);
  expect(state.id).toBe(ID);
  expect(state.outs).toMatchObject({
    ...WISH,
    datastore: "datastore1",
    datastorePath: ID,
    size: ISO.length,
    sha256: digest(ISO),
    modified: expect.stringMatching(/^\d{4}-/),
    hostUuid: lab.raw.simulator.hostUuid,
    __phase: "done",
  });
  expect(JSON.parse(JSON.stringify(state.outs))).toEqual(state.outs);
  expect(await onHost()).toBe(digest(ISO));
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
  // The file, and its mark.
  expect(folders().count("folder")).toBe(2);
  expect(lab.texts("status")).toContainEqual(
    expect.stringMatching(/^uploading \d+% of 2\.9 MiB, .*\/s, Core-5\.4\.iso$/),
  );

  expect(await file.diff(state, WISH)).toMatchObject({ changes: false });
  await file.delete(state);
  await file.delete(state);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("an empty file, and a name with spaces and signs, arrive too", async () => {
  await lab.write("empty", "");
  const state = await file.create({ path: "a b/50% + & #1 ü.img", source: "empty" });
  expect(await files()).toEqual(["[datastore1] a b/", "[datastore1] a b/50% + & #1 ü.img"]);
  expect(state.outs).toMatchObject({ size: 0 });
  await file.delete(state);
  expect(await files()).toEqual(["[datastore1] a b/"]);
});

test("a preview does not read the file, and another checkout's time of change is no difference", async () => {
  const state = await file.create(WISH);
  const again = await file.inputs(WISH, state.inputs);
  expect(again).not.toHaveProperty("contentSha256");

  const later = new Date(Date.now() + 5000);
  await utimes(`${lab.context().projectFolder}/images/Core.iso`, later, later);
  const inputs = await file.inputs(WISH, state.inputs);
  expect(inputs).toMatchObject({ contentSha256: digest(ISO) });
  expect(await file.diff(state, WISH)).toMatchObject({ changes: false });
  // What was found out once is in the inputs that Pulumi keeps.
  expect(await file.inputs(WISH, inputs)).toMatchObject({ contentSha256: digest(ISO) });
});

test("another path to the same bytes is no difference if the digest is given", async () => {
  const sha256 = digest(ISO);
  const state = await file.create({ ...WISH, sha256: sha256.toUpperCase() });
  const elsewhere = { ...WISH, source: "no/such/file", sha256 };
  expect(await file.diff(state, elsewhere)).toMatchObject({ changes: false });
  expect(await file.diff(state, { ...WISH, sha256: undefined })).toMatchObject({ changes: false });
});

test("other content is put in place of the old, under the same name", async () => {
  const state = await file.create(WISH);
  const other = randomBytes(1_000_000);
  await lab.write("images/Other.iso", other);
  const wish = { ...WISH, source: "images/Other.iso" };
  expect(await file.diff(state, wish)).toEqual({ changes: true, replaces: [], deleteBeforeReplace: true });
  expect(lab.texts("info")).toEqual(["update in place: content"]);
  const after = await file.update(state, wish);
  expect(after.outs).toMatchObject({ size: other.length, sha256: digest(other), datastorePath: ID });
  expect(await onHost()).toBe(digest(other));
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
  expect(await file.diff(after, wish)).toMatchObject({ changes: false });
});

test("another path replaces", async () => {
  const state = await file.create(WISH);
  expect(await file.diff(state, { ...WISH, path: "iso/other.iso" })).toMatchObject({ replaces: ["path"] });
  expect(lab.texts("info")).toEqual(["replace: path iso/Core-5.4.iso → iso/other.iso"]);
});

test("a refresh sees that the file is gone", async () => {
  const state = await file.create(WISH);
  await rm(lab.raw.simulator.localFile(ID));
  await lab.restart();
  expect(await file.read(state)).toBeUndefined();
  await file.delete(state);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("a refresh sees that somebody changed the file, and the next update puts it right", async () => {
  const state = await file.create(WISH);
  expect((await file.read(state))?.outs).toEqual(state.outs);
  await writeFile(lab.raw.simulator.localFile(ID), "somebody else's");
  await lab.restart();

  expect((await failure(file.delete(state))).message).toContain(
    "somebody has changed [datastore1] iso/Core-5.4.iso",
  );
  const now = await file.read(state);
  expect(now?.outs).toMatchObject({ size: 15, sha256: "" });
  if (!now) throw new Error("gone");
  expect(await file.diff(now, WISH)).toMatchObject({ changes: true, replaces: [] });
  await file.update(now, WISH);
  expect(await onHost()).toBe(digest(ISO));
});

test("many files in a folder are refreshed with one look into it", async () => {
  const states: InState[] = [];
  for (const name of ["a", "b", "c"]) {
    states.push(await file.create({ ...WISH, path: `iso/${name}.iso` }));
  }
  lab.raw.simulator.requests.clear();
  const read = await Promise.all(states.map((state) => file.read(state)));
  expect(read.map((one) => one?.outs)).toEqual(states.map(({ outs }) => outs));
  expect(lab.raw.count("SearchDatastore_Task")).toBe(1);
});

test("a file that is there already is left alone", async () => {
  await file.create(WISH);
  const other = new Managed(lab, "DatastoreFile", datastoreFile, "other");
  const error = await failure(other.create({ ...WISH, source: await lab.write("x", "x") }));
  expect(error.message).toContain(
    `esxi1 has the file "${ID}" already, and it is left alone. It was made by the resource urn:pulumi:dev::lab::`,
  );
  expect(await onHost()).toBe(digest(ISO));
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
});

test("two resources that want the same file at once: one gets it, whole", async () => {
  const other = new Managed(lab, "DatastoreFile", datastoreFile, "other");
  const results = await Promise.allSettled([file.create(WISH), other.create(WISH)]);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await onHost()).toBe(digest(ISO));
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
});

test("a file is adopted without being touched, if it is what the program says", async () => {
  await file.create(WISH);
  lab.raw.simulator.requests.clear();
  const other = new Managed(lab, "DatastoreFile", datastoreFile, "other");
  const adopted = await other.create({ ...WISH, adopt: true });
  expect(adopted.outs).toMatchObject({ sha256: digest(ISO), size: ISO.length });
  // All that goes is the mark of the resource that it belonged to.
  expect(lab.raw.count("MoveDatastoreFile_Task")).toBe(0);
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
  expect((await lab.raw.contents()).files).not.toContain(markOf(ID));
  expect(await other.diff(adopted, { ...WISH, adopt: true })).toMatchObject({ changes: false });

  await lab.write("images/Same-size.iso", randomBytes(ISO.length));
  const differs = await failure(other.create({ ...WISH, adopt: true, source: "images/Same-size.iso" }));
  expect(differs.message).toContain(`neither adopted nor changed: sha256 ${digest(ISO)} → `);
  await lab.write("images/Small.iso", "small");
  const smaller = await failure(other.create({ ...WISH, adopt: true, source: "images/Small.iso" }));
  expect(smaller.message).toContain("size 3000000 → 5 (on the host → in the program)");
  expect(await onHost()).toBe(digest(ISO));
});

test("a file in a machine's drive is not deleted, and the machine is named", async () => {
  const state = await file.create(WISH);
  await mount(state);
  const error = await failure(file.delete(state));
  expect(error.message).toContain(`"vm" uses ${ID}, so it is not possible to delete it`);
  expect(await onHost()).toBe(digest(ISO));
  await lab.raw.simulator.behindBack.destroy(lab.raw.vm("vm").moid);
  await file.delete(state);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("a file that a running machine uses is not replaced, and nothing is uploaded in vain", async () => {
  const state = await file.create(WISH);
  await mount(state, true);
  lab.raw.simulator.requests.clear();
  const error = await failure(file.update(state, { ...WISH, source: await lab.write("x", "other") }));
  expect(error.message).toContain("so it is not possible to replace it");
  expect(folders().count("folder")).toBe(0);
  expect(await onHost()).toBe(digest(ISO));
});

test("a file of a lost state is replaced by other content, and not while a running machine uses it", async () => {
  const state = await file.create(WISH);
  await mount(state, true);
  await lab.restart();
  const wish = { ...WISH, source: await lab.write("x", "other") };
  const create = () => file.create(wish, { ...lab.context(), takeBack: true });
  expect((await failure(create())).message).toContain("so it is not possible to replace it");
  expect(await onHost()).toBe(digest(ISO));
  await lab.raw.simulator.behindBack.powerOff(lab.raw.vm("vm").moid);
  await lab.restart();
  const again = await create();
  expect(await onHost()).toBe(digest(Buffer.from("other")));
  expect((await file.update(again, WISH)).outs).toMatchObject({ sha256: digest(ISO) });
});

test("a file that somebody changed since Pulumi looked is neither replaced nor taken for the new one", async () => {
  const state = await file.create(WISH);
  const wish = { ...WISH, source: await lab.write("x", randomBytes(ISO.length)) };
  const theirs = randomBytes(ISO.length);
  await writeFile(lab.raw.simulator.localFile(ID), theirs);
  const later = new Date(Date.now() + 5000);
  await utimes(lab.raw.simulator.localFile(ID), later, later);
  expect((await failure(file.update(state, wish))).message).toMatch(
    /somebody has changed .* so it is not replaced/,
  );
  expect((await failure(file.delete(state))).message).toMatch(/somebody has changed .* so it is not deleted/);
  await lab.restart();
  const anew = file.create(wish, { ...lab.context(), takeBack: true });
  expect((await failure(anew)).message).toMatch(/left alone.* somebody has changed it/);
  expect(await onHost()).toBe(digest(theirs));
});

test("a digest that is not the expected one leaves nothing on the host", async () => {
  const error = await failure(file.create({ ...WISH, sha256: "0".repeat(64) }));
  expect(error.message).toContain(`its SHA-256 is ${digest(ISO)}, the argument sha256 says 000`);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("an upload that breaks is sent again, and one that always breaks leaves nothing", async () => {
  lab.raw.simulator.faults.add({ method: "folder", atByte: 1_000_000, count: 2, action: "disconnect" });
  const state = await file.create(WISH);
  expect(lab.texts("warn")).toEqual([
    expect.stringContaining("Sending it again (2 of 3)."),
    expect.stringContaining("Sending it again (3 of 3)."),
  ]);
  expect(await onHost()).toBe(digest(ISO));
  await file.delete(state);

  lab.raw.simulator.faults.add({ method: "folder", atByte: 1_000_000, action: "disconnect" });
  const error = await failure(file.create(WISH));
  expect(error.message).toContain("Sending Core-5.4.iso to esxi1 failed");
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("an update that fails leaves the old file as it was", async () => {
  const state = await file.create(WISH);
  lab.raw.simulator.faults.add({ method: "folder", atByte: 1000, action: "disconnect" });
  await lab.write("images/Other.iso", randomBytes(2_000_000));
  await failure(file.update(state, { ...WISH, source: "images/Other.iso" }));
  expect(await onHost()).toBe(digest(ISO));
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
});

test("a session that ends while a file waits for its turn is renewed", async () => {
  await lab.host.facts();
  lab.raw.simulator.faults.add({ method: "folder", count: 1, action: "expireSession" });
  await file.create(WISH);
  expect(await onHost()).toBe(digest(ISO));
});

test("a full datastore is told, and nothing is left", async () => {
  const small = await Lab.open({ datastores: [{ name: "datastore1", capacityBytes: 1_000_000 }] });
  try {
    await small.write("images/Core.iso", ISO);
    const on = new Managed(small, "DatastoreFile", datastoreFile);
    const error = await failure(on.create(WISH));
    expect(error.message).toMatch(/The host refused Core-5\.4\.iso to esxi1 with HTTP 500.*room for it/);
    expect((await small.raw.contents()).files).toEqual(["[datastore1] iso/"]);
  } finally {
    await small.close();
  }
});

test("a licence without API access is told", async () => {
  lab.raw.simulator.faults.add({ method: "MakeDirectory", action: { fault: "RestrictedVersion" } });
  expect((await failure(file.create(WISH))).message).toContain("RestrictedVersion");
  expect(await files()).toEqual([]);
});

/** Where a run is killed: what the host had begun goes on, and this process does nothing more. */
const KILLS = [
  ["before the upload", { method: "folder", action: "hang" }],
  ["in the middle of the upload", { method: "folder", atByte: 1_000_000, action: "disconnect" }],
  ["before the file gets its name", { method: "MoveDatastoreFile_Task", action: "hang" }],
  ["after it", { method: "DeleteDatastoreFile_Task", action: "hang" }],
] as const;

test.each(KILLS)("a run that is killed %s is made good by the next", async (_when, rule) => {
  const { faults, requests } = lab.raw.simulator;
  faults.add(rule);
  // The dead process clears nothing away.
  if (rule.method !== "DeleteDatastoreFile_Task")
    faults.add({ method: "DeleteDatastoreFile_Task", action: "hang" });
  const dying = new AbortController();
  const run = failure(file.create(WISH, lab.context(dying.signal)));
  const reached = rule.method === "folder" ? "folder" : rule.method;
  await expect.poll(() => requests.count(reached)).toBeGreaterThan(0);
  dying.abort(new Error("killed"));
  await run;
  expect(await files()).toContainEqual(expect.stringContaining("iso/Core-5.4.iso.pulumi-esxi-direct-"));

  faults.clear();
  await lab.restart();
  requests.clear();
  const state = await file.create(WISH);
  expect(state.outs).toMatchObject({ sha256: digest(ISO), size: ISO.length, __phase: "done" });
  // What is there whole is compared, and not sent again; the other request is for its mark.
  expect(requests.count("folder")).toBe(2);
  expect(requests.count("MoveDatastoreFile_Task")).toBe(rule.method === "DeleteDatastoreFile_Task" ? 0 : 1);
  expect(await onHost()).toBe(digest(ISO));
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
});

test("an answer that is lost does not lose the file", async () => {
  lab.raw.simulator.faults.add({ method: "MoveDatastoreFile_Task", count: 1, action: "loseReply" });
  const state = await file.create(WISH);
  expect(state.outs).toMatchObject({ sha256: digest(ISO) });
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
});

test("a failure after the file got its name is kept in state, and the next run goes on", async () => {
  lab.raw.simulator.faults.add({
    method: "SearchDatastore_Task",
    after: 1,
    count: 1,
    action: { fault: "NoPermission" },
  });
  const inputs = await file.inputs(WISH);
  const state = await file.unfinished(file.lifecycle.create(inputs, lab.context()), inputs);
  expect(await file.diff(state, WISH)).toMatchObject({ changes: true, replaces: [] });
  lab.raw.simulator.requests.clear();
  const done = await file.update(state, WISH);
  expect(done.outs).toMatchObject({ __phase: "done", size: ISO.length, sha256: digest(ISO) });
  expect(folders().count("folder")).toBe(1);
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
});

test("a file comes straight from a web server, in one pass", async () => {
  const server = await serveFiles(new Map([["/core.iso", ISO]]));
  try {
    const wish = { ...WISH, source: `${server.url}/core.iso` };
    const state = await file.create(wish);
    expect(await onHost()).toBe(digest(ISO));
    expect(state.outs).toMatchObject({ sha256: digest(ISO) });
    const before = server.sentBytes();
    expect(await file.diff(state, wish)).toMatchObject({ changes: false });
    expect(server.sentBytes() - before).toBeLessThan(200_000);
  } finally {
    await server.close();
  }
});

test("what is wrong is found at preview, and nothing reaches the host", async () => {
  const wrong = [
    { ...WISH, path: "../x.iso" },
    { ...WISH, path: "[datastore1] iso/x.iso" },
    { ...WISH, path: "disks/x.vmdk" },
    { ...WISH, sha256: "abc" },
    { ...WISH, source: "no/such.iso" },
    { ...WISH, source: "images" },
  ];
  const found = await Promise.all(wrong.map((settings) => file.check(settings)));
  expect(
    found.map(({ failures }) => failures.map(({ property, reason }) => `${property}: ${reason}`)),
  ).toEqual([
    [expect.stringContaining("path: must be a path below the datastore")],
    [expect.stringContaining("path: must be the path without the datastore")],
    [expect.stringContaining("path: must not end in .vmdk")],
    ["sha256: must be a SHA-256 in hex, 64 characters"],
    [expect.stringMatching(/source: .*such\.iso: there is no such file/)],
    [expect.stringMatching(/source: .*images: is a folder/)],
  ]);
  expect(lab.raw.count()).toBe(0);
});

test("a source that is not known yet is no error", async () => {
  const { UNKNOWN } = await import("../../../../provider/resources/inputs/check-inputs.ts");
  const { inputs, failures } = await file.check({ ...WISH, source: UNKNOWN });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ source: UNKNOWN, content: UNKNOWN });
});

test("a datastore that the host does not have is refused with those that it has", async () => {
  const error = await failure(file.create({ ...WISH, datastore: "datastore2" }));
  expect(error.message).toContain('esxi1 has no datastore "datastore2"');
});

test.each(["taken", "refused"] as const)(
  "on a free licence without a login over SSH nothing is sent, whether /folder would have %s it",
  async (freeFolderWrites) => {
    await lab.raw.restart({ license: "free", behaviour: { freeFolderWrites } });
    await lab.restart();
    for (const path of ["Core.iso", WISH.path]) {
      const refused = await failure(file.create({ ...WISH, path }));
      expect(refused.message).toMatch(/licence|license/i);
      expect(await files()).toEqual([]);
    }
  },
);

/** As the class hands content over. */
const sourceOf = (content: string | Uint8Array) =>
  `data:application/gzip;base64,${gzipSync(content).toString("base64")}`;

test("content of the program is uploaded, replaced when it is another, and gone with the resource", async () => {
  const wish = { path: "seeds/web.iso", source: sourceOf(ISO) };
  const at = () => readFile(lab.raw.simulator.localFile("[datastore1] seeds/web.iso"));
  const state = await file.create(wish);
  expect(digest(await at())).toBe(digest(ISO));
  expect(state.outs).toMatchObject({ size: ISO.length, sha256: digest(ISO) });
  const otherwise = {
    ...wish,
    source: `data:application/gzip;base64,${gzipSync(ISO, { level: 0 }).toString("base64")}`,
  };
  expect(await file.diff(state, otherwise)).toMatchObject({ changes: false });
  const later = { ...wish, source: sourceOf("another") };
  expect(await file.diff(state, later)).toMatchObject({ changes: true, replaces: [] });
  const updated = await file.update(state, later);
  expect(String(await at())).toBe("another");
  await file.delete(updated);
  expect(await files()).toEqual(["[datastore1] seeds/"]);
});

test("what is no content is told at preview", async () => {
  const { failures } = await file.check({ ...WISH, source: "data:application/gzip;base64,AAAA" });
  expect(failures).toMatchObject([{ property: "source", reason: expect.stringMatching(/content.*damaged/) }]);
});
