/** Runs of an engine on a simulated host, to their ends or killed at a request, and what the raw host has after them. */
import fc from "fast-check";
import { expect } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { Context } from "../../../../provider/resources/frame/lifecycle.ts";
import { draws } from "../../../support/draws.ts";
import { differences, type Picture, picture } from "../any-fault/picture.ts";
import { untilIdle, wired } from "../any-fault/run.ts";
import type { Lab } from "../lab.ts";
import { Engine, type Program } from "./engine.ts";

/** A mark of something that a killed destroy has left: the mark goes first. */
const LOST_MARK = /^- files: .*\.pulumi-esxi-direct-(\w+-\S+\.made|[\da-f]{16}) /;

type Work = (context: Context) => Promise<void>;

/** A request at which a run is killed, and whether the host has worked on it then. */
interface Kill {
  readonly request: number;
  readonly moment: "before" | "after";
}

/** A kill at any of so many requests. */
const kill = (requests: number): fc.Arbitrary<Kill> =>
  fc.record({
    request: fc.integer({ min: 3, max: requests }),
    moment: fc.constantFrom("before" as const, "after" as const),
  });

export class Runs {
  readonly #lab: Lab;
  readonly #changing: RegExp;
  readonly #observer: EsxiHost;
  #afterRun = (): void => {};
  readonly #pictures = new Map<string, Picture>();

  /** @param changing Files whose contents are not the program's: sessions, times and identities. */
  constructor(lab: Lab, changing: RegExp) {
    this.#lab = lab;
    this.#changing = changing;
    this.#observer = lab.connect();
  }

  /**
   * Kills updates, replacements and destroys, and what is to make them good, again and again: `up` ends with exactly what is
   * declared, and a destroy with nothing.
   *
   * @param programs.times How many of each, unless `RANDOM_TIMES` says more.
   */
  async madeGood(programs: {
    readonly before: Program;
    readonly after: Program;
    readonly times: number;
    /** Called after each run that was not killed, before anybody else calls the host. */
    readonly afterRun?: () => void;
  }): Promise<void> {
    const { before, after, times, afterRun = () => {} } = programs;
    this.#afterRun = afterRun;
    const engine = new Engine();
    const upTo = (program: Program) => (context: Context) => engine.up(program, context);
    const destroy = (context: Context) => engine.destroy(context);
    const lengths = { change: 0, back: 0, destroy: 0 };
    await this.remember("nothing");
    await this.run(upTo(before));
    await this.remember("before");
    lengths.change = await this.run(upTo(after));
    await this.remember("after");
    lengths.back = await this.run(upTo(before));
    await this.expectLike("before");
    lengths.destroy = await this.run(destroy);
    await this.expectLike("nothing");
    await this.run(upTo(before));

    const change = fc.record({
      first: kill(lengths.change),
      again: fc.option(kill(lengths.change)),
      back: kill(lengths.back),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ first, again, back }) => {
        await this.killed(first, upTo(after));
        if (again) await this.killed(again, upTo(after));
        await this.run(upTo(after));
        await this.expectLike("after");
        expect(await engine.differences(after, this.takingBack())).toEqual([]);
        await this.killed(back, upTo(before));
        await this.run(upTo(before));
        await this.expectLike("before");
        expect(await engine.differences(before, this.takingBack())).toEqual([]);
      }),
      { ...draws(times), endOnFailure: true },
    );

    const end = fc.record({
      first: kill(lengths.destroy),
      next: fc.constantFrom("destroy", "refresh and up"),
    });
    await fc.assert(
      fc.asyncProperty(end, async ({ first, next }) => {
        await this.killed(first, destroy);
        if (next === "destroy") {
          await this.run(destroy);
          await this.expectLike("nothing");
        } else await this.run((context) => engine.refresh(context));
        await this.run(upTo(before));
        await this.expectLike("before", LOST_MARK);
        expect(await engine.differences(before, this.takingBack())).toEqual([]);
      }),
      { ...draws(times), endOnFailure: true },
    );
    await this.run(destroy);
    await this.expectLike("nothing");
  }

  takingBack(host?: EsxiHost): Context {
    return { ...this.#lab.context(undefined, host), takeBack: true };
  }

  /** A run to its end, and how many requests it took. */
  async run(work: Work): Promise<number> {
    await this.#lab.restart();
    const { requests } = this.#lab.raw.simulator;
    requests.clear();
    await work(this.takingBack());
    this.#afterRun();
    return requests.entries().length;
  }

  /** A run that is killed at that request; to its end if it has fewer. */
  async killed({ request, moment }: Kill, work: Work): Promise<void> {
    await this.#lab.restart();
    const { simulator } = this.#lab.raw;
    const line = await wired(this.#lab);
    const isKilled = new Promise<"killed">((resolve) => {
      simulator.faults.add({
        after: request,
        count: 1,
        action: moment === "before" ? "disconnect" : "loseReply",
        onWork: (now) => {
          if (now !== moment) return;
          line.cut();
          resolve("killed");
        },
      });
    });
    const ended = await Promise.race([work(this.takingBack(line.host)), isKilled]);
    simulator.faults.clear();
    if (ended === "killed") this.#lab.restartAfterKill();
    else await line.close();
  }

  /** Remembers what the host has, as what a run that nobody disturbed has left. */
  async remember(name: string): Promise<void> {
    this.#pictures.set(name, await this.#seen());
  }

  /** @param allowed Differences that do not count. */
  async expectLike(name: string, allowed?: RegExp): Promise<void> {
    const wanted = this.#pictures.get(name);
    if (wanted === undefined) throw new Error(`There is no picture of ${name}.`);
    expect(differences(await this.#seen(), wanted).filter((line) => !allowed?.test(line))).toEqual([]);
  }

  async #seen(): Promise<Picture> {
    await untilIdle(this.#lab);
    return picture(this.#lab, this.#observer, this.#changing);
  }
}
