/** A piece of a text, and its replacement. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Makes edits that do not overlap. A replaced piece keeps its line breaks, so the text behind it stays on its line.
 * Hosts name lines in their faults, and people look these up in their own descriptor.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let taken = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < taken) continue;
    const missing = lineBreaks(text.slice(edit.start, edit.end)) - lineBreaks(edit.text);
    pieces.push(text.slice(taken, edit.start), edit.text, "\n".repeat(Math.max(0, missing)));
    taken = edit.end;
  }
  return pieces.join("") + text.slice(taken);
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
