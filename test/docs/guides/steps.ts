/** What a guide tells its reader to do, in the order of the page. */

/** A file that the reader writes: a fence whose line names it, as in "```ts index.ts". */
interface FileStep {
  readonly kind: "file";
  readonly line: number;
  readonly name: string;
  readonly text: string;
}

/** Lines that the reader changes in a file: a fence such as "```diff index.ts". */
export interface ChangeStep {
  readonly kind: "change";
  readonly line: number;
  readonly name: string;
  readonly removed: string;
  readonly added: string;
}

/** Commands that the reader types: a fence "```sh", and what they print from the fence "```text" behind it. */
export interface CommandStep {
  readonly kind: "commands";
  readonly line: number;
  readonly text: string;
  /** "```sh fails": the last of them ends with an error. */
  readonly fails: boolean;
  /** Lines that must be printed, those of a fence in this order; `…` stands for anything. */
  readonly prints: readonly (readonly string[])[];
}

/** What somebody else does at the host meanwhile: a comment that readers do not see, `<!-- on the host: … -->`. */
interface HostStep {
  readonly kind: "host";
  readonly line: number;
  readonly text: string;
}

export type Step = FileStep | ChangeStep | CommandStep | HostStep;

/** Info of a fence of commands that are not for the reader's project: a download, the guest's or the host's own shell. */
const ELSEWHERE = "elsewhere";

const PART =
  /^```(?<language>\w+)(?: +(?<info>.*))?\n(?<text>[\s\S]*?)^```$|^<!-- on the host: (?<event>.*) -->$/gm;

/** @throws Error for a fence that would not be run and does not say so. */
export function stepsOf(page: string, markdown: string): Step[] {
  const steps: Step[] = [];
  for (const { index, groups = {} } of markdown.matchAll(PART)) {
    const line = markdown.slice(0, index).split("\n").length;
    const { language, info = "", text = "", event } = groups;
    if (event !== undefined) steps.push({ kind: "host", line, text: event });
    else if (language === "text") expectPrinted(steps.at(-1), text, `${page}:${line}`);
    else if (language === "sh" && info === ELSEWHERE) continue;
    else if (language === "sh")
      steps.push({ kind: "commands", line, text, fails: info === "fails", prints: [] });
    else if (info === "") throw new Error(`${page}:${line}: the fence must name the file that it is`);
    else if (language === "diff") steps.push({ kind: "change", line, name: info, ...changeOf(text) });
    else steps.push({ kind: "file", line, name: info, text });
  }
  return steps;
}

function expectPrinted(step: Step | undefined, text: string, where: string): void {
  if (step?.kind !== "commands") throw new Error(`${where}: no command stands before what is printed`);
  Object.assign(step, { prints: [text.split("\n").filter((line) => !/^\s*…?\s*$/.test(line))] });
}

/** Both sides of a change; lines that stay are on both. */
function changeOf(text: string): { removed: string; added: string } {
  const lines = text.split("\n").slice(0, -1);
  const side = (others: string) =>
    lines.filter((line) => !line.startsWith(others)).map((line) => `${line.slice(1)}\n`);
  return { removed: side("+").join(""), added: side("-").join("") };
}
