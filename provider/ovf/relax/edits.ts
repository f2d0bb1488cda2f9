/** A piece of a text, and what it becomes. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Carries out edits that do not overlap. What is replaced keeps its line breaks, so that whatever follows stays on its
 * line: hosts name lines, and people look them up in the descriptor that they have.
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
