/** The output of vim-cmd for an error. */
export interface PrintedFault {
  /** The vim25 type. Undefined if it did not name one. */
  readonly type: string | undefined;
  readonly message: string;
}

/** The beginning of a fault in vim-cmd's output: `(vim.fault.NotFound) {`, from 9.0 on behind `Power on failed: `. */
const BEGINNING = /^(?:[\w ]{1,40} failed: )?\((?:vim|vmodl)\.fault\.(\w+)\) \{/m;
/** The same in the place of data. */
const BARE_BEGINNING = /^\((?:vim|vmodl)\.fault\.\w+\) \{/;
const TITLE = /^[\w ]{1,40}:$/;
/** The last property of a fault. It may have several lines, and quotes that are not escaped. */
const MESSAGE_BEGINS = /^ {3}msg = "/m;
const MESSAGE_ENDS = /",?[ ]*\n\}/;
/** A fault has a few hundred characters. */
const MOST_OF_FAULT = 16_384;
/** Messages of the layers that passed the fault on. */
const NESTED_MESSAGE = /^[ \t]{6,}message = "(.*)"/m;

/**
 * The fault in a command's output.
 * @param prints Whether standard output may hold texts that people have written.
 */
export function printedFault(
  stdout: string,
  stderr: string,
  prints: "data" | "outcome",
): PrintedFault | undefined {
  const ofFault = prints === "outcome" || isInsteadOfData(stdout);
  const output = ofFault ? `${stdout}\n${stderr}` : stderr;
  const begun = BEGINNING.exec(output);
  const [, type] = begun ?? [];
  const failed = output
    .split(/[\r\n]+/)
    .find((line) => /\bfailed$/.test(line.trimEnd()) || /\bFailed to /.test(line))
    ?.trim();
  if (type === undefined) return failed === undefined ? undefined : { type, message: failed };
  const text = output.slice(begun?.index).slice(0, MOST_OF_FAULT);
  const said = messageIn(text) || NESTED_MESSAGE.exec(text)?.[1] || failed;
  const message = said?.replaceAll('\\"', '"').trim();
  return { type, message: [message, `(${type})`].filter(Boolean).join(" ") };
}

/** A fault is the first thing in the output, except for a title. Texts of people come later. */
function isInsteadOfData(stdout: string): boolean {
  const lines = stdout.slice(0, MOST_OF_FAULT).split("\n");
  const [first = "", second = ""] = lines.map((line) => line.trim()).filter(Boolean);
  return BARE_BEGINNING.test(TITLE.test(first) ? second : first);
}

function messageIn(text: string): string | undefined {
  const begins = MESSAGE_BEGINS.exec(text);
  if (begins === null) return undefined;
  const rest = text.slice(begins.index + begins[0].length);
  const end = rest.search(MESSAGE_ENDS);
  return end < 0 ? undefined : rest.slice(0, end);
}

/** The host's agent is busy, and has not looked at who asks. A login that it refuses reads otherwise. */
const NOT_LOGGED_IN = /Failed to login: (?:Connection reset by peer|SSL Exception)/;
/** A busy host has killed the command, or the agent does not answer at all. */
const KILLED = /bad_alloc|\b(?:Aborted|Killed)\b|Connect to localhost failed: /;

/** True if vim-cmd did not reach the host's agent, which is busy. Nothing was done. */
export function isNotLoggedIn(stdout: string, stderr: string): boolean {
  const lines = `${stdout}\n${stderr}`.split("\n");
  return lines.some((line) => NOT_LOGGED_IN.exec(line)?.index === 0);
}

/**
 * True if a busy host has killed a command, or did not let it in. A refused login does not count: it must not be
 * repeated, because five of them lock an account.
 */
export const isCutOff = (said: string): boolean => KILLED.test(said) || NOT_LOGGED_IN.test(said);
