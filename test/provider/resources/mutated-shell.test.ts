/**
 * A host whose shell answers wrongly to one command, by chance: whatever becomes of a clone over SSH, the process lives, the
 * error is one of ours, nothing of anybody's is lost, and the next run ends well.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { shellOf } from "../../../provider/host/shell/host-shell.ts";
import type { Context } from "../../../provider/resources/frame/lifecycle.ts";
import { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { EsxiShell } from "../../../provider/ssh/commands/esxi-shell.ts";
import { SshConnection } from "../../../provider/ssh/connection.ts";
import { draws } from "../../support/draws.ts";
import { chanceOf } from "../../support/mutate-answer.ts";
import { MutatingShell } from "../../support/mutating-shell.ts";
import { Lab } from "./lab.ts";
import { type InState, Managed } from "./managed.ts";
import { Stranger } from "./stranger.ts";

/** Errors of these classes say that the code did not expect something. */
const DEFECTS = ["Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "AssertionError"];
const { numRuns, seed } = draws(Number(process.env.MUTATED_ANSWERS ?? 16));

const unexpected: unknown[] = [];
const note = (reason: unknown) => void unexpected.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(() => void process.off("unhandledRejection", note));

let lab: Lab;
let shell: MutatingShell;
let connection: SshConnection;
let clone: Managed;

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" }, taskDurationMs: 5 });
  const { ssh } = lab.raw.simulator;
  if (ssh === undefined) throw new Error("The host has no SSH.");
  connection = new SshConnection({
    host: "127.0.0.1",
    port: ssh.port,
    username: lab.raw.username,
    password: lab.raw.password,
    hostKey: { fingerprints: [ssh.hostKeySha256], knownHosts: "", trustOnFirstUse: false },
  });
  shell = new MutatingShell(connection);
  clone = new Managed(lab, "DatastoreClone", datastoreClone);
  for (const name of ["golden", "stranger"]) await lab.create({ name, powerOn: false });
});

afterEach(async () => {
  await connection.close();
  await lab.close();
  expect(unexpected).toEqual([]);
});

/** A new process, whose shell answers wrongly when it is armed. */
async function context(): Promise<Context> {
  lab.raw.simulator.expireSessions();
  const host = lab.connect();
  shellOf(host).open = async () => new EsxiShell(shell);
  return lab.context(undefined, host);
}

const WISH = { name: "it", source: "golden", transport: "ssh" };

/** Up, refresh, a change and destroy: each again, in a new process, if it fails. */
async function live(): Promise<void> {
  const again = async <T>(work: (context: Context, before?: Error) => Promise<T>): Promise<T> => {
    try {
      return await work(await context());
    } catch (error) {
      if (!(error instanceof Error)) throw new Error(`Not an Error: ${String(error)}`);
      const reason = error instanceof UnfinishedError && error.cause instanceof Error ? error.cause : error;
      if (DEFECTS.includes(reason.name)) throw reason;
      return work(await context(), error);
    }
  };
  const inputs = await clone.inputs(WISH);
  const state = await again<InState>(async (process, before) => {
    if (!(before instanceof UnfinishedError)) return clone.create(WISH, process);
    return clone.update({ id: before.id, outs: before.properties, inputs }, WISH, process);
  });
  const read = await again((process) => clone.read(state, process));
  if (read === undefined) throw new Error("A refresh forgets it.");
  const changed = await again((process, before) => {
    const outs = before instanceof UnfinishedError ? before.properties : read.outs;
    return clone.update({ ...read, outs }, { ...WISH, memory: 256 }, process);
  });
  expect(lab.raw.vm("it").config.hardware.memoryMB).toBe(256);
  await again((process) => clone.delete(changed, process));
}

/** All that stands on the raw host, byte by byte but for logs. */
async function everything() {
  const { vms, files } = await lab.raw.contents();
  const kept = files.filter((file) => !/\.log$/.test(file));
  const digests = await new Stranger(lab).digestsOf(kept.filter((file) => !file.endsWith("/")));
  return { vms, files: kept, digests };
}

test(`a clone's life through ${numRuns} wrong answers of the shell`, {
  timeout: 120_000 + numRuns * 10_000,
}, async () => {
  const before = await everything();
  shell.arm(undefined, chanceOf(0));
  await live();
  expect(await everything()).toEqual(before);
  const { answers } = shell;
  const problems: string[] = [];
  for (let run = 0; run < numRuns && problems.length < 3; run++) {
    const chance = chanceOf(seed * 1_000_003 + run);
    shell.arm(Math.floor(chance() * answers), chance);
    try {
      await live();
      expect(await everything()).toEqual(before);
    } catch (error) {
      problems.push(`draw ${run}, ${shell.done}: ${error instanceof Error ? error.stack : String(error)}`);
      break;
    }
  }
  expect(problems).toEqual([]);
});

test("a disk that one look into its folder does not show goes with its machine all the same", async () => {
  const before = await everything();
  const made = await clone.create({ ...WISH, powerOn: false }, await context());
  let hidden = false;
  const host = lab.connect();
  shellOf(host).open = async () =>
    new EsxiShell({
      host: connection.host,
      exec: async (command, options) => {
        if (command[0] !== "ls" || hidden) return connection.exec(command, options);
        hidden = true;
        return { stdout: "", stderr: "", stdoutBytes: new Uint8Array() };
      },
    });
  await clone.delete(made, lab.context(undefined, host));
  expect(hidden).toBe(true);
  expect(await everything()).toEqual(before);
});
