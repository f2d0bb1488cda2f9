import { isDeepStrictEqual } from "node:util";
import { clearAway } from "../../host/grace.ts";
import { isRefused } from "../../host/lost-answer.ts";
import { type MarkState, newMark } from "../../host/marks/mark.ts";
import {
  type MarkPhase,
  nameOfThing,
  readThingMarks,
  removeThingMarks,
  type Thing,
  type ThingMarks,
  writeThingMark,
} from "../../host/marks/thing-marks.ts";
import type { Job } from "../frame/host-resource.ts";
import { type Bearing, UNMARKED } from "./whose.ts";

const BOTH: readonly MarkPhase[] = ["made", "making"];

/** What a mark tells, held against what is there. */
interface Comparison {
  /** Whether the thing is as the run left it that finished it last. */
  isAsLeft(state: MarkState): boolean;
  /** Whether it is what a run that was killed was making of it. */
  isAsMeant(state: MarkState): boolean;
}

/**
 * A network, pool or service with its mark on a datastore. The mark says what is being made before it is made, so a
 * run that follows a killed one knows the thing. The mark goes before the thing does, so there is never a mark of
 * something that is gone.
 */
export class MarkedThing {
  readonly #job: Job;
  readonly #thing: Thing;

  constructor(job: Job, thing: Thing) {
    this.#job = job;
    this.#thing = thing;
  }

  /** The marks, whosever they are. */
  read(): Promise<ThingMarks> {
    return readThingMarks(this.#job.host, this.#thing, this.#job.context.signal);
  }

  /** Whose it is by its marks. */
  async bearing({ isAsLeft, isAsMeant }: Comparison): Promise<Bearing> {
    const { made, making } = await this.read();
    // A resource that begins something overwrites what others have begun. Nobody begins what is there.
    const last = making ?? made;
    if (last === undefined) return UNMARKED;
    return {
      urn: last.urn,
      session: last.session,
      isUnfinished: making !== undefined,
      isUnchanged: async () =>
        (making !== undefined && isAsMeant(making.state)) || (made?.urn === last.urn && isAsLeft(made.state)),
    };
  }

  /**
   * Makes or changes the thing under a mark that says so.
   * @param meant What it is to be like.
   */
  async making<T>(meant: MarkState, work: () => Promise<T>): Promise<T> {
    let isBegun = false;
    try {
      await this.#write("making", meant);
      isBegun = true;
      return await work();
    } catch (error) {
      // Without an answer nobody knows what was made. The mark then tells the next run.
      const isNothing = !isBegun || isRefused(error);
      const { signal } = this.#job.context;
      if (isNothing) await clearAway(signal, (limit) => this.remove(["making"], limit)).catch(() => {});
      throw error;
    }
  }

  /**
   * Marks the thing as whole. What the mark said of an earlier thing of its name is gone.
   * @param left What it is like now.
   */
  async made(left: MarkState): Promise<void> {
    const written = await this.#write("made", left);
    const { host, urn, context } = this.#job;
    const isLastKept = written === undefined && (await this.#mayBeOwn(urn));
    const isKept = (datastore: string, phase: MarkPhase) =>
      phase === "made" && (isLastKept || datastore === written);
    await removeThingMarks(host, this.#thing, BOTH, context.signal, isKept);
  }

  /**
   * Whether the last mark tells of this resource. Where there was no room for a new mark, it still says whose the
   * thing is. A mark that cannot be read may be its own.
   */
  #mayBeOwn(urn: string): Promise<boolean> {
    return this.read().then(
      ({ made }) => made?.urn === urn,
      () => true,
    );
  }

  /** Takes the marks away, of whomever they are. */
  remove(phases: readonly MarkPhase[] = BOTH, signal = this.#job.context.signal): Promise<void> {
    return removeThingMarks(this.#job.host, this.#thing, phases, signal);
  }

  async #write(phase: MarkPhase, state: MarkState): Promise<string | undefined> {
    const { host, urn, context } = this.#job;
    const mark = await newMark(host, urn, nameOfThing(this.#thing), state);
    const written = await writeThingMark(host, this.#thing, phase, mark, context.signal);
    if (written === undefined && phase === "made" && context.takeBack) {
      context.progress.warn(
        `${host.name} has no datastore that takes a mark of it from this user: esxi:takeBack will not know it again.`,
      );
    }
    return written;
  }
}

/** Whether two states are the same once they have been written to a file. */
export const isSameState = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
