/**
 * A page shows more runs of `pulumi` than it takes to see that it comes true, and each takes seconds. Other tests show that
 * an `up` does what its preview says, and that changes of different resources do not get in each other's way.
 */
import type { CommandStep, Step } from "./steps.ts";

const UP = "pulumi up\n";
const PREVIEW = /^pulumi preview\n$/m;

/** The same steps with fewer runs: what the pages say of those that are left out, the run behind them must print. */
export function withFewerRuns(steps: readonly Step[]): Step[] {
  return withoutRepeatedUps(withoutPreviews(steps));
}

/** Of a preview that an `up` of the same program follows, the `up` says the same, as done. */
function withoutPreviews(steps: readonly Step[]): Step[] {
  const left: Step[] = [];
  for (const step of steps) {
    const before = left.at(-1);
    if (isUp(step) && before?.kind === "commands" && !before.fails && before.text.search(PREVIEW) >= 0) {
      const text = before.text.replace(PREVIEW, step.text);
      left.splice(-1, 1, { ...step, text, prints: [...before.prints.map(asDone), ...step.prints] });
    } else left.push(step);
  }
  return left;
}

/** What the page changes in one `up` after the other, and does not look at in between, is changed by the last of them. */
function withoutRepeatedUps(steps: readonly Step[]): Step[] {
  const left: Step[] = [];
  for (const step of steps) {
    const at = left.findLastIndex(({ kind }) => kind !== "file" && kind !== "change");
    const before = left[at];
    if (isUp(step) && before !== undefined && isUp(before) && saysOther(before, step)) {
      left.splice(at, 1);
      left.push({ ...step, prints: [...before.prints, ...step.prints] });
    } else left.push(step);
  }
  return left;
}

const isUp = (step: Step): step is CommandStep => step.kind === "commands" && step.text === UP && !step.fails;

/** Whether the page says of the first what it does not say of the second, so that one output can show both. */
function saysOther(first: CommandStep, second: CommandStep): boolean {
  const said = second.prints.flat();
  return first.prints.length > 0 && first.prints.flat().every((line) => !said.includes(line));
}

/** `web create` as `web created`, and `2 to create` as `2 created`. */
function asDone(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/(?:\bto )?\b(create|update|delete|replace)$/, "$1d"));
}
