/** A file on its way to a datastore: what is sent again, and what there is of it when it is not whole. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import { type FileToPlace, placeFile, sendAgain } from "../../../../provider/host/datastore/place-file.ts";
import { HostError } from "../../../../provider/host/host-error.ts";
import { NfcError } from "../../../../provider/nfc/index.ts";
import { bytesInMemory } from "../../../../provider/ovf/source/bytes-in-memory.ts";
import { TransportError } from "../../../../provider/vim/soap/transport-error.ts";
import { withoutOwnMarks } from "../../../support/own-marks.ts";
import { failure, Lab } from "../../resources/lab.ts";

const STOP = new Error("^C");
const STOP_NEVER = new AbortController().signal;

describe("what is sent", () => {
  const sent = (errors: readonly unknown[], signal = new AbortController().signal) => {
    const send = vi.fn(async () => {
      const error = errors[send.mock.calls.length - 1];
      if (error !== undefined) throw error;
      return "the digest";
    });
    const onWarning = vi.fn<(text: string) => void>();
    return { send, onWarning, done: sendAgain({ signal, onWarning }, send) };
  };
  const broken = new NfcError("The connection broke.");

  test.each([
    ["the connection broke", broken],
    ["no answer came", new TransportError("reset", { host: "esxi1", requestSent: "unknown" })],
    ["the session had expired", new NfcError("Unauthorized.", { status: 401 })],
  ])("is sent again if %s, which is told", async (_, error) => {
    const { send, onWarning, done } = sent([error]);
    expect(await done).toBe("the digest");
    expect(send).toHaveBeenCalledTimes(2);
    expect(onWarning.mock.calls).toEqual([[`${error.message} Sending it again (2 of 3).`]]);
  });

  test("is sent three times at most", async () => {
    const last = new NfcError("And again.");
    const { send, onWarning, done } = sent([broken, broken, last, undefined]);
    expect(await failure(done)).toBe(last);
    expect(send).toHaveBeenCalledTimes(3);
    expect(onWarning.mock.calls.at(-1)).toEqual(["The connection broke. Sending it again (3 of 3)."]);
  });

  test.each([
    ["the host has no room", new NfcError("Full.", { status: 500 })],
    ["it is the wrong file", new HostError("its SHA-256 is another one")],
  ])("is sent once if %s", async (_, error) => {
    const { send, done } = sent([error]);
    expect(await failure(done)).toBe(error);
    expect(send).toHaveBeenCalledTimes(1);
  });

  test("is not sent again by a run that is to end", async () => {
    const { send, onWarning, done } = sent([broken], AbortSignal.abort(STOP));
    expect(await failure(done)).toBe(STOP);
    expect(send).toHaveBeenCalledTimes(1);
    expect(onWarning).not.toHaveBeenCalled();
  });
});

describe("a file that is put on a datastore", () => {
  let lab: Lab;
  let count = 0;
  let path: string;
  const close = vi.fn(async () => {});

  beforeAll(async () => {
    lab = await Lab.open();
  });

  afterAll(() => lab.close());

  beforeEach(() => {
    path = `iso/it${count++}.iso`;
    lab.said.length = 0;
    lab.raw.simulator.faults.clear();
    close.mockClear();
  });

  const put = (more: Partial<FileToPlace> = {}, signal?: AbortSignal, host = lab.host) => {
    const { progress, signal: always } = lab.context(signal);
    const file: FileToPlace = {
      place: parseDatastorePath(`[datastore1] ${path}`),
      urn: "urn",
      content: "content",
      open: async () => ({ ...bytesInMemory("it.iso", Buffer.from("new")), close }),
      sha256: undefined,
      overwrite: false,
      ...more,
    };
    return placeFile(host, file, { signal: always, onStatus: progress.status, onWarning: progress.warn });
  };
  const there = async () =>
    withoutOwnMarks((await lab.raw.contents()).files).filter((each) => each.includes(path));
  const text = () => readFile(lab.raw.simulator.localFile(`[datastore1] ${path}`), "utf8");
  const SHA256 = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437";

  test("is there whole, and its digest is told", async () => {
    expect(await put({ sha256: SHA256 })).toBe(SHA256);
    expect(await text()).toBe("new");
    expect(close).toHaveBeenCalledTimes(1);
    expect(lab.texts("status").join()).not.toContain("waiting");
  });

  test("is not there, nor anything of it, if it is the wrong one, whatever else goes wrong then", async () => {
    expect((await failure(put({ sha256: "0".repeat(64) }))).message).toContain("is not the expected file");
    expect(await there()).toEqual([]);
    expect(close).toHaveBeenCalledTimes(1);
    lab.raw.simulator.faults.add({
      method: "DeleteDatastoreFile_Task",
      action: { taskFault: "CannotDeleteFile", message: "not now" },
    });
    expect((await failure(put({ sha256: "0".repeat(64) }))).message).toContain("is not the expected file");
  });

  test("takes no other file's place unless it is to", async () => {
    await put();
    const open = async () => bytesInMemory("it.iso", Buffer.from("newer"));
    await failure(put({ open }));
    expect(await text()).toBe("new");
    await put({ open, overwrite: true });
    expect(await text()).toBe("newer");
  });

  test.each(["before", "after"])("is not there if the run was stopped %s its bytes were", async (when) => {
    const run = new AbortController();
    lab.raw.simulator.faults.add({
      method: "folder",
      action: "continue",
      onWork: (moment) => (moment === when ? run.abort(STOP) : undefined),
    });
    expect(await failure(put({}, run.signal))).toBe(STOP);
    expect(await there()).toEqual([]);
  });

  test("is not there if the run was stopped when its bytes were at the host", async () => {
    const run = new AbortController();
    const open = async () => ({
      ...bytesInMemory("it.iso", Buffer.from("new")),
      close: async () => run.abort(STOP),
    });
    expect(await failure(put({ open }, run.signal))).toBe(STOP);
    expect(await there()).toEqual([]);
  });

  test("is not opened if the run was stopped while its folder was made", async () => {
    const run = new AbortController();
    lab.raw.simulator.faults.add({
      method: "MakeDirectory",
      action: "continue",
      onWork: () => run.abort(STOP),
    });
    const open = vi.fn(async () => bytesInMemory("it.iso", Buffer.from("new")));
    expect(await failure(put({ open }, run.signal))).toBe(STOP);
    expect(open).not.toHaveBeenCalled();
    expect(await there()).toEqual([]);
  });

  test("waits for room, which is told, and no more when the run is stopped", async () => {
    const host = lab.connect({ maxTransfers: 1 });
    let release = () => {};
    const other = host.transfers.run(() => new Promise<void>((resolve) => (release = resolve)), STOP_NEVER);
    const run = new AbortController();
    const putting = failure(put({}, run.signal, host));
    expect(lab.texts("status")).toEqual(["waiting until esxi1 has room for another upload"]);
    run.abort(STOP);
    expect(await putting).toBe(STOP);
    release();
    await other;
    expect(await there()).toEqual([]);
  });
});
