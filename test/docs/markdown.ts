import { pages, readPage } from "./fences.ts";

/** A part of a page: the whole, or what stands under one heading up to the next of the same level. */
export interface Section {
  readonly page: string;
  readonly text: string;
}

export const wholePage = (page: string): Section => ({ page, text: readPage(page) });

/** The part under that heading; undefined if the page has none. */
export function sectionOf({ page, text }: Section, heading: string): Section | undefined {
  const parts = text.split(/^## /m);
  const found = parts.find((part) => part.slice(0, part.indexOf("\n")).trim() === heading);
  return found === undefined ? undefined : { page, text: found };
}

/** Every word that stands in code somewhere in the text; fenced programs do not count. */
export function codeWords({ text }: Section): Set<string> {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "");
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  return new Set(spans.flatMap((span) => span.match(/[A-Za-z_]\w*/g) ?? []));
}

/** Words in code in the first column of the tables whose first heading is that; of all tables for the empty text. */
export function firstColumn({ text }: Section, heading: string): Set<string> {
  const tables = text.split(/\n(?!\|)/).flatMap((block) => {
    const rows = block.split("\n").filter((line) => line.startsWith("|"));
    return rows.length > 2 ? [rows.map((row) => row.split("|")[1]?.trim() ?? "")] : [];
  });
  const cells = tables.filter(([title]) => title === heading).flatMap((column) => column.slice(2));
  return codeWords({ page: "", text: cells.join("\n") });
}

/** The parts that a part links to, on its own page and others, and those that they link to. */
export function linkedFrom(section: Section, partOf: (page: string) => Section): Section[] {
  const found = new Map<string, Section>();
  const visit = (from: Section): void => {
    for (const [, file = "", anchor] of from.text.matchAll(/\]\(([\w-]+\.md)?(?:#([\w-]+))?\)/g)) {
      const page = file === "" ? from.page : `docs/${file}`;
      if (!pages.includes(page) || found.has(`${page}#${anchor}`)) continue;
      const target = anchor === undefined ? partOf(page) : anchored(page, anchor);
      if (target === undefined) continue;
      found.set(`${page}#${anchor}`, target);
      visit(target);
    }
  };
  visit(section);
  return [...found.values()];
}

function anchored(page: string, anchor: string): Section | undefined {
  const headings = [...readPage(page).matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading.trim());
  const heading = headings.find((each) => anchorOf(each) === anchor);
  return heading === undefined ? undefined : sectionOf(wholePage(page), heading);
}

/** How GitHub makes a link's target of a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
