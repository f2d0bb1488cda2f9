/** Streams into files of a host; each test ends with a look at what is on its disk. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommandError } from "../../../../provider/ssh/commands/command-error.ts";
import { upload } from "../../../../provider/ssh/commands/shell-upload.ts";
import { SshConnection } from "../../../../provider/ssh/connection.ts";
import type { SshExec } from "../../../../provider/ssh/exec.ts";
import { SshLostError } from "../../../../provider/ssh/ssh-lost-error.ts";
import { SimulatedHost } from "../../../support/simulated-host.ts";

const MIB = 2 ** 20;
const PATH = "/vmfs/volumes/datastore1/up";

let raw: SimulatedHost;
let ssh: SshConnection;

beforeEach(async () => {
  const datastores = [{ name: "datastore1", capacityBytes: 40 * MIB }];
  raw = await SimulatedHost.start({ ssh: { listen: "127.0.0.1:0" }, datastores });
  const listens = raw.simulator.ssh;
  if (!listens) throw new Error("There is no SSH.");
  ssh = new SshConnection({
    host: "127.0.0.1",
    port: listens.port,
    username: raw.username,
    password: raw.password,
    hostKey: { fingerprints: [listens.hostKeySha256], knownHosts: "", trustOnFirstUse: false },
  });
});

afterEach(async () => {
  await ssh.close();
  await raw.stop();
});

/** So many mebibytes, and what became of the stream. */
class Bytes {
  given = 0;
  isClosed = false;
  readonly #mebibytes: number;

  constructor(mebibytes: number) {
    this.#mebibytes = mebibytes;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    try {
      for (; this.given < this.#mebibytes; this.given++) yield Buffer.alloc(MIB, this.given + 1);
    } finally {
      this.isClosed = true;
    }
  }
}

const send = (source: Bytes, bytes: number, signal = new AbortController().signal) =>
  upload(ssh, PATH, source.stream(), { bytes, signal });
const onHost = () => readFile(raw.simulator.localFile("[datastore1] up"));

test("a stream arrives whole, byte for byte", async () => {
  await send(new Bytes(20), 20 * MIB);
  const whole = Buffer.concat(Array.from({ length: 20 }, (_, index) => Buffer.alloc(MIB, index + 1)));
  expect((await onHost()).equals(whole)).toBe(true);
});

test("a stream is read no further than a few mebibytes ahead of a host that takes nothing, and is let go on ^C", async () => {
  raw.simulator.faults.add({ method: "ssh.exec", action: "hang" });
  const source = new Bytes(Number.POSITIVE_INFINITY);
  const stop = new AbortController();
  const sent = send(source, 1, stop.signal);
  const reason = new Error("^C");
  sent.catch(() => {});
  await expect.poll(() => source.given).toBeGreaterThanOrEqual(2);
  stop.abort(reason);
  await expect(sent).rejects.toBe(reason);
  await expect.poll(() => source.isClosed).toBe(true);
  expect(source.given).toBeLessThan(10);
  expect(await raw.simulator.files("datastore1")).toEqual([]);
});

test("what a stream fails with is thrown, and the host has at most a part", async () => {
  const wrong = new Error("the digest is wrong");
  const failing = async function* () {
    yield Buffer.alloc(MIB, 1);
    throw wrong;
  };
  await expect(
    upload(ssh, PATH, failing(), { bytes: 2 * MIB, signal: new AbortController().signal }),
  ).rejects.toBe(wrong);
  expect((await onHost().catch(() => "")).length).toBeLessThanOrEqual(MIB);
});

test("a file that does not fit is told in the host's words, and the stream is closed", async () => {
  const source = new Bytes(100);
  const sent = send(source, 100 * MIB);
  await expect(sent).rejects.toThrow(CommandError);
  await expect(sent).rejects.toThrow(/cat: write error: No space left on device/);
  await expect.poll(() => source.isClosed).toBe(true);
  expect((await onHost()).length).toBe(40 * MIB);
});

test("what was cut off is no success, though its command ended well", async () => {
  raw.simulator.faults.add({ method: "ssh.exec", entity: "'cat'", atByte: 3 * MIB, action: "disconnect" });
  await expect(send(new Bytes(20), 20 * MIB)).rejects.toThrow(SshLostError);
  expect((await onHost()).length).toBe(3 * MIB);

  raw.simulator.faults.clear();
  raw.simulator.faults.add({ method: "ssh.exec", entity: "'cat'", action: { status: 0 } });
  await expect(send(new Bytes(1), MIB)).rejects.toThrow(/only 3145728 of 1048576 bytes/);
});

test("the size counts as hosts print it, whoever's file it is, and nothing else counts", async () => {
  const sendTo = (stdout: string) => {
    const exec = async () => ({ stdout, stderr: "", stdoutBytes: Buffer.from(stdout) });
    const host: SshExec = { host: "esxi1", exec };
    const { signal } = new AbortController();
    return upload(host, PATH, new Bytes(1).stream(), { bytes: MIB, signal });
  };
  await sendTo(`-rw-------    1 0        0            ${MIB} Nov 29 10:00 ${PATH}\n`);
  await sendTo(`-rw-r--r--   12 4294967294 4294967294  ${MIB} Nov 29 10:00 ${PATH}\n`);
  for (const said of ["", "total 1\n", `x-rw------- 1 0 0 ${MIB} Nov 29 10:00 ${PATH}\n`]) {
    const sent = sendTo(said);
    await expect(sent).rejects.toThrow(SshLostError);
    await expect(sent).rejects.toThrow(/only 0 of 1048576 bytes/);
  }
});
