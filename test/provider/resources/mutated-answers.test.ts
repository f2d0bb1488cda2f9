/**
 * A host whose answers are wrong in one place, by chance: whatever resource is made, read, changed and deleted through
 * them, the process lives, the error is one of ours, nothing of anybody's is lost, and the next run ends well.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Context, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
import * as lookUps from "../../../provider/resources/look-ups/reads.ts";
import { RawClient } from "../../simulator/host/raw-client.ts";
import { draws } from "../../support/draws.ts";
import { chanceOf } from "../../support/mutate-answer.ts";
import { MutatingProxy } from "../../support/mutating-proxy.ts";
import { Lab, PROVIDER } from "./lab.ts";
import { PROGRAMS, type Program } from "./mutated-programs.ts";

/** Errors of these classes say that the code did not expect something. */
const DEFECTS = ["Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "AssertionError"];
/** Longest time for one operation; a healthy one takes a tenth of a second, one that has to wait for the host a few. */
const LONGEST_MS = 40_000;
const { numRuns, seed } = draws(Number(process.env.MUTATED_ANSWERS ?? 8));

const unexpected: unknown[] = [];
const note = (reason: unknown) => void unexpected.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(() => void process.off("unhandledRejection", note));
afterEach(() => expect(unexpected).toEqual([]));

/** All that stands on the raw host. */
async function everything(lab: Lab, changing: string | undefined): Promise<Record<string, unknown>> {
  const { vms, files, leases } = await lab.raw.contents();
  const raw = await RawClient.loggedIn(lab.raw);
  const networks = await raw.read("HostNetworkSystem:networkSystem", "networkInfo");
  const services = await raw.read("HostServiceSystem:serviceSystem", "serviceInfo");
  await raw.close();
  const digests: Record<string, string> = {};
  for (const file of files.filter((name) => !name.endsWith("/") && !/\.(log|vmsd)$/.test(name))) {
    if (changing !== undefined && file.includes(`] ${changing}/`)) {
      digests[file] = "may change";
      continue;
    }
    const bytes = await readFile(lab.raw.simulator.localFile(file));
    digests[file] = createHash("sha256").update(bytes).digest("hex");
  }
  const others = lab.raw.simulator.vms().filter(({ name }) => name !== changing);
  const configs = others.map(({ config }) => {
    const { changeVersion: _version, modified: _modified, ...rest } = config;
    return JSON.stringify(rest);
  });
  return { vms, files: digests, leases, networks, services, configs };
}

class Draw {
  readonly #lab: Lab;
  readonly #proxy: MutatingProxy;
  readonly #program: Program;
  #context: Context;

  constructor(lab: Lab, proxy: MutatingProxy, program: Program) {
    this.#lab = lab;
    this.#proxy = proxy;
    this.#program = program;
    this.#context = this.#connect();
  }

  #connect(): Context {
    const { origin, thumbprint } = this.#proxy;
    return this.#lab.context(undefined, this.#lab.connect({ origin, thumbprint }));
  }

  /** Up, refresh, a change, refresh, destroy: each again if it fails, as people do. */
  async run(): Promise<void> {
    const { lifecycle, settings, changed, isRead } = this.#program;
    const inputs = await this.#inputs(settings);
    if (isRead) {
      await this.#again((context) => lifecycle.read("asked", inputs, context));
      return;
    }
    const made = await this.#create(inputs);
    const read = await this.#read(made);
    const news = await this.#inputs(changed, inputs);
    const updated = await this.#update(read, news);
    const last = await this.#read(updated);
    await this.#again((context) => lifecycle.delete(last.id, last.outs, context));
  }

  async close(): Promise<void> {
    await this.#context.host(undefined).close();
  }

  async #inputs(settings: Properties, before: Properties = {}): Promise<Properties> {
    const urn = `urn:pulumi:dev::lab::pulumi-nodejs:esxi:${this.#program.kind}::it`;
    const news = JSON.parse(JSON.stringify({ ...settings, __provider: PROVIDER, __urn: urn })) as Properties;
    const { inputs, failures } = await this.#program.lifecycle.check(before, news, this.#context);
    expect(failures).toEqual([]);
    return inputs;
  }

  async #create(inputs: Properties) {
    const { lifecycle, adopt } = this.#program;
    const first = await this.#try((context) => lifecycle.create(inputs, context));
    if ("value" in first) return first.value;
    const { error } = first;
    if (error instanceof UnfinishedError)
      return this.#update({ id: error.id, outs: error.properties }, inputs);
    const second = await this.#try((context) => lifecycle.create(inputs, context));
    if ("value" in second) return second.value;
    // What was made and could not be told of is there already: then the program says that it is to be taken over.
    if (adopt === undefined || !/already/.test(second.error.message)) throw second.error;
    return lifecycle.create({ ...inputs, adopt }, this.#context);
  }

  async #update(state: State, news: Properties): Promise<State> {
    const { lifecycle } = this.#program;
    const { outs } = await this.#again(async (context, before) => {
      const olds = before instanceof UnfinishedError ? before.properties : state.outs;
      return lifecycle.update(state.id, olds, news, context);
    });
    return { id: state.id, outs };
  }

  async #read(state: State): Promise<State> {
    const { id, props } = await this.#again((context) =>
      this.#program.lifecycle.read(state.id, state.outs, context),
    );
    if (id === undefined || props === undefined) throw new Error("A refresh forgets it.");
    return { id, outs: props };
  }

  /** Once more in a new process if it fails. */
  async #again<T>(work: (context: Context, before?: Error) => Promise<T>): Promise<T> {
    const first = await this.#try(work);
    return "value" in first ? first.value : await work(this.#context, first.error);
  }

  #lastCalls(): string {
    const calls = this.#lab.raw.simulator.requests.entries().slice(-12);
    return calls.map(({ method, status }) => `${method} ${status}`).join(", ");
  }

  async #try<T>(
    work: (context: Context) => Promise<T>,
  ): Promise<{ readonly value: T } | { readonly error: Error }> {
    let timer: NodeJS.Timeout | undefined;
    const hang = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`It hangs, after: ${this.#lastCalls()}`)), LONGEST_MS);
    });
    try {
      return { value: await Promise.race([work(this.#context), hang]) };
    } catch (error) {
      if (!(error instanceof Error)) throw new Error(`Not an Error: ${String(error)}`);
      const reason = error instanceof UnfinishedError && error.cause instanceof Error ? error.cause : error;
      if (DEFECTS.includes(reason.name)) throw reason;
      await this.close();
      const isIdle = () =>
        this.#lab.raw.simulator.tasks().every(({ completeTime }) => completeTime !== undefined);
      await this.#lab.raw.until(isIdle, "what the host has begun is done");
      // The session of a process that is gone ends in the end.
      this.#lab.raw.simulator.expireSessions();
      this.#context = this.#connect();
      return { error };
    } finally {
      clearTimeout(timer);
    }
  }
}

interface State {
  readonly id: string;
  readonly outs: Properties;
}

describe.each(PROGRAMS)("$what", (program) => {
  let lab: Lab;
  let proxy: MutatingProxy;
  let answers: number;
  let before: Record<string, unknown>;

  const open = async () => {
    lab = await Lab.open({ leaseTimeoutSeconds: 1 });
    proxy = await MutatingProxy.before(() => lab.raw.url);
    // Somebody else's, in the same place.
    await lab.create({ name: "stranger", powerOn: false });
    await program.prepare?.(lab);
    before = await everything(lab, program.changing);
  };
  const close = async () => {
    await proxy.close();
    await lab.close();
  };

  beforeAll(async () => {
    await open();
    proxy.arm(undefined, chanceOf(0));
    const draw = new Draw(lab, proxy, program);
    await draw.run();
    await draw.close();
    answers = proxy.answers;
    expect(await everything(lab, program.changing)).toEqual(before);
  }, 60_000);
  afterAll(close);

  test(`through ${numRuns} wrong answers`, { timeout: 60_000 + numRuns * 5_000 }, async () => {
    const problems: string[] = [];
    for (let run = 0; run < numRuns; run++) {
      const chance = chanceOf(seed * 1_000_003 + run);
      proxy.arm(Math.floor(chance() * answers), chance);
      const draw = new Draw(lab, proxy, program);
      let problem = await draw.run().then(
        () => undefined,
        (error: unknown) =>
          error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error),
      );
      await draw.close();
      try {
        expect(await everything(lab, program.changing)).toEqual(before);
      } catch (error) {
        problem ??= `The host is not as it was: ${String(error).slice(0, 3000)}`;
      }
      if (unexpected.length > 0) problem = `unhandled: ${String(unexpected.splice(0)[0])}`;
      if (problem === undefined) continue;
      problems.push(`draw ${run}, ${proxy.done}: ${problem}`);
      await close();
      await open();
    }
    expect(problems).toEqual([]);
  });
});

/** On no host: a wrong answer of one can lose nothing. */
const ON_NO_HOST = ["numbers", "placement", "text-file"];

test("every kind of resource has its program", async () => {
  const folder = new URL("../../../provider/resources/", import.meta.url);
  const files = await readdir(folder, { recursive: true });
  const kinds = files.flatMap((file) => /(?:^|\/)([\w-]+)\.lifecycle\.ts$/.exec(file)?.[1] ?? []);
  const own = kinds.filter((kind) => kind !== "vm" && !ON_NO_HOST.includes(kind));
  const dashed = (name: string) => name.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
  const named = new Set(PROGRAMS.map(({ kind }) => dashed(kind)));
  expect([...named].sort()).toEqual([...own, ...Object.keys(lookUps).map(dashed)].sort());
});
