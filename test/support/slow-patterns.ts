import { type AST, parseRegExpLiteral } from "@eslint-community/regexpp";
import { analyse } from "scslre";

/**
 * Why a pattern may take time that grows with the square of a text's length, or worse; undefined if it takes as many
 * steps as the text has characters.
 */
export function whySlow(literal: string): string | undefined {
  const { pattern, flags } = parseRegExpLiteral(literal);
  const { reports } = analyse({ pattern, flags });
  const report = reports[0];
  if (report !== undefined) {
    return `it tries ${report.type === "Move" ? "again from every character" : "every way to share characters out"} (${report.exponential ? "exponential" : "quadratic"})`;
  }
  if (flags.sticky) return undefined;
  const start = pattern.alternatives.find((alternative) => runsOverOwnStart(alternative, flags));
  return start && `each place where ${start.raw} begins is run over from those before it (quadratic)`;
}

/**
 * Whether matching may begin in many places, and from each of them a repetition runs on over the later ones:
 * `<!--[^]*-->` in a text of many `<!--`.
 */
function runsOverOwnStart(alternative: AST.Alternative, flags: AST.Flags): boolean {
  let before = "";
  for (const [index, element] of alternative.elements.entries()) {
    if (element.type === "Assertion" && element.kind === "start") {
      if (!flags.multiline) return false;
      before += "\n";
    }
    const [repetition, within] = firstRepetition(element);
    if (repetition !== undefined) {
      const start = before + within;
      const rest = alternative.elements.slice(index + 1);
      if (start !== "" && !alwaysEnds(repetition, rest, flags) && covers(repetition, start.repeat(2), flags))
        return true;
    }
    before += sampleOf(element);
  }
  return false;
}

/** Whether nothing that follows can fail, so that there is no other place to try. */
function alwaysEnds(repetition: AST.Quantifier, rest: readonly AST.Element[], flags: AST.Flags): boolean {
  const isLineEnd = (element: AST.Element) =>
    element.type === "Assertion" && element.kind === "end" && flags.multiline;
  return rest.length === 0 || (repetition.raw === ".*" && rest.every(isLineEnd));
}

function covers(repetition: AST.Quantifier, text: string, flags: AST.Flags): boolean {
  return new RegExp(`^(?:${repetition.element.raw})*$`, flags.raw.replaceAll(/[gmy]/g, "")).test(text);
}

/** The first repetition without end in an element, and an example of what stands before it there. */
function firstRepetition(element: AST.Element): [AST.Quantifier | undefined, before: string] {
  if (element.type === "Quantifier") {
    return element.max === Number.POSITIVE_INFINITY ? [element, ""] : firstRepetition(element.element);
  }
  if (element.type !== "CapturingGroup" && element.type !== "Group") return [undefined, ""];
  for (const { elements } of element.alternatives) {
    let before = "";
    for (const inner of elements) {
      const [found, within] = firstRepetition(inner);
      if (found !== undefined) return [found, before + within];
      before += sampleOf(inner);
    }
  }
  return [undefined, ""];
}

/** The shortest text, or nearly, that an element matches. */
function sampleOf(element: AST.Element): string {
  switch (element.type) {
    case "Quantifier":
      return sampleOf(element.element).repeat(element.min);
    case "CapturingGroup":
    case "Group":
      return (element.alternatives[0]?.elements ?? []).map(sampleOf).join("");
    case "Character":
      return String.fromCodePoint(element.value);
    case "CharacterClass":
    case "CharacterSet": {
      const set = new RegExp(`^${element.raw}$`, "u");
      return [..."a1 -_.:/<>\"'()[]{}=\n\t"].find((character) => set.test(character)) ?? "";
    }
    default:
      return "";
  }
}
