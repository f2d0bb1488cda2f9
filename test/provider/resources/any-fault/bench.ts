/** Lives of a resource on one host, each with other faults. */
import { expect } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { Context, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { UnfinishedError } from "../../../../provider/resources/frame/unfinished-error.ts";
import { Lab } from "../lab.ts";
import { type InState, Managed } from "../managed.ts";
import { type Draw, describeDraw } from "./draw.ts";
import { isReading } from "./faults.ts";
import { differences, type Picture, picture } from "./picture.ts";
import type { Row, Step } from "./row.ts";
import { type Outcome, runWith, untilIdle } from "./run.ts";
import { verdictOn } from "./verdict.ts";

type Draws = { readonly [S in Step]?: Draw | undefined };

/** The resource can be told from a stranger's by nothing any more: the bench must be made anew. */
export class Orphaned extends Error {}

/** A host on which a resource lives again and again. */
export class Bench {
  /** The requests of each step when nothing goes wrong. */
  readonly requests: Record<Step, string[]> = { create: [], update: [], delete: [] };
  /** What happens now, for messages. */
  doing = "";
  readonly #row: Row;
  readonly #lab: Lab;
  readonly #observer: EsxiHost;
  readonly #it: Managed;
  readonly #pictures = new Map<Step | "before", Picture>();

  private constructor(row: Row, lab: Lab) {
    this.#row = row;
    this.#lab = lab;
    this.#observer = lab.connect();
    this.#it = new Managed(lab, row.kind, row.lifecycle);
  }

  static async open(row: Row): Promise<Bench> {
    const lab = await Lab.open({ taskDurationMs: 15, leaseTimeoutSeconds: 2, ...row.options });
    const bench = new Bench(row, lab);
    await row.prepare?.(lab);
    await bench.#expect("before");
    // The first life shows which requests there are, and what the host has after each step.
    await bench.live();
    return bench;
  }

  close(): Promise<void> {
    return this.#lab.close();
  }

  /** From create to delete. */
  async live(draws?: Draws): Promise<void> {
    const { change } = this.#row;
    const wish = await this.#row.wish(this.#lab);
    let state = await this.#create(wish, draws);
    await this.#expect("create");
    expect(await this.#it.diff(state, wish)).toMatchObject({ changes: false });
    if (change) {
      const changed = await change(this.#lab);
      state = await this.#update(state, changed, draws);
      await this.#expect("update");
      expect(await this.#it.diff(state, changed)).toMatchObject({ changes: false });
    }
    await this.#delete(state, draws);
    await this.#expect("before");
  }

  async #create(wish: Properties, draws: Draws | undefined): Promise<InState> {
    const inputs = await this.#it.inputs(wish);
    const { result, error, killed } = await this.#step("create", draws, (context) =>
      this.#row.lifecycle.create(inputs, context),
    );
    if (result) return { ...result, inputs };
    if (error instanceof UnfinishedError) {
      const half = { id: error.id, outs: error.properties, inputs };
      expect(await this.#it.diff(half, wish)).toMatchObject({ changes: true, replaces: [] });
      return this.#it.update(half, wish);
    }
    if (!killed && !/lost|cut/.test(draws?.create?.fault.name ?? "")) await this.#expect("before");
    try {
      return await this.#it.create(wish);
    } catch (again) {
      // Who is killed when all is done and before it is told leaves what nobody can tell from a stranger's.
      if (!killed || !this.#isLast(draws?.create)) throw again;
      await this.#expect("create");
      throw new Orphaned();
    }
  }

  #isLast(draw: Draw | undefined): boolean {
    const writes = this.requests.create.filter((request) => !isReading(request));
    return draw?.fault.name === "a kill after it is done" && draw.request === writes.at(-1);
  }

  async #update(state: InState, wish: Properties, draws: Draws | undefined): Promise<InState> {
    const inputs = await this.#it.inputs(wish, state.inputs);
    const { result, error } = await this.#step("update", draws, (context) =>
      this.#row.lifecycle.update(state.id, state.outs, inputs, context),
    );
    if (result) return { id: state.id, outs: result.outs, inputs };
    const half = error instanceof UnfinishedError ? { ...state, outs: error.properties } : state;
    return this.#it.update(half, wish);
  }

  async #delete(state: InState, draws: Draws | undefined): Promise<void> {
    const { error, killed } = await this.#step("delete", draws, (context) =>
      this.#row.lifecycle.delete(state.id, state.outs, context),
    );
    if (error !== undefined || killed) await this.#it.delete(state);
  }

  async #step<T>(
    step: Step,
    draws: Draws | undefined,
    work: (context: Context) => Promise<T>,
  ): Promise<Outcome<T>> {
    const draw = draws?.[step];
    this.doing = draw ? describeDraw(step, draw) : step;
    const outcome = await runWith(this.#lab, draw, work);
    if (draws === undefined) this.requests[step] = requestsOf(this.#lab);
    const { error, killed, met } = outcome;
    if (error !== undefined && (!(error instanceof Error) || error instanceof TypeError)) throw error;
    if (draw) {
      if (!met && !isReading(draw.request)) throw new Error("The request never came.");
      const verdict = killed || !met ? "either" : verdictOn(step, draw);
      const became = error === undefined ? "same" : "next";
      if (verdict !== "either" && became !== verdict)
        throw new Error(`The ${verdict} run is to make it good, and the ${became} one did. ${error ?? ""}`);
    }
    return outcome;
  }

  /** Compares the raw host with what it was after that step of the first life. */
  async #expect(step: Step | "before"): Promise<void> {
    await untilIdle(this.#lab);
    const now = await picture(this.#lab, this.#observer, this.#row.changing);
    const further = step === "before" ? undefined : await this.#row.check?.(this.#lab);
    const wanted = this.#pictures.get(step) ?? { ...now, further };
    this.#pictures.set(step, wanted);
    const different = differences({ ...now, further }, wanted);
    if (different.length > 0)
      throw new Error(`The host is not as it should be after "${step}":\n${different.join("\n")}`);
  }
}

function requestsOf(lab: Lab): string[] {
  return lab.raw.simulator.requests
    .entries()
    .map(({ method, target }) => (method === "ssh.exec" ? `ssh.exec ${target}` : method));
}
