/** Each public class and look-up has its page, which names every argument and output and nothing else. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { pages } from "./fences.ts";
import {
  anchorOf,
  codeWords,
  firstColumn,
  linkedFrom,
  type Section,
  sectionOf,
  wholePage,
} from "./markdown.ts";
import { type Documented, documented } from "./public-api.ts";

const LOOK_UPS = "docs/look-ups.md";

/** `docs/ova-deployment.md` of `OvaDeployment`. */
const pageOf = (name: string) =>
  `docs/${name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.md`;

/** Where a page names arguments: under "Args", or anywhere if it has no such heading. */
function argsPart(page: string): Section {
  const whole = wholePage(page);
  return sectionOf(whole, "Args") ?? whole;
}

/** Where a page names outputs: under "Outputs", or in the paragraph that begins so. */
function outputsPart(page: string): Section {
  const whole = wholePage(page);
  const paragraph = /^Outputs: [\s\S]*?(?=\n\n|(?![\s\S]))/m.exec(whole.text)?.[0];
  return sectionOf(whole, "Outputs") ?? (paragraph === undefined ? whole : { page, text: paragraph });
}

function missing(names: ReadonlySet<string>, part: Section, partOf: (page: string) => Section): string[] {
  const parts = [part, ...linkedFrom(part, partOf)];
  const named = new Set(parts.flatMap((each) => [...codeWords(each)]));
  return [...names].filter((name) => !named.has(name));
}

const classes = documented().filter(({ kind }) => kind === "class");
const lookUps = documented().filter(({ kind }) => kind === "function");

describe.each(classes.map((each) => [each.name, each] as const))(
  "%s",
  (name, { args, outputs }: Documented) => {
    const page = pageOf(name);

    test(`has the page ${page}`, () => {
      expect(existsSync(join(root, page)), `${page} is missing`).toBe(true);
    });

    test("has every argument on its page, or on one that the page's part on arguments links to", () => {
      expect(missing(args, argsPart(page), argsPart), `${page} does not name these arguments`).toEqual([]);
    });

    test("has every output that is no argument on its page, or on one that the page's part on outputs links to", () => {
      const further = new Set([...outputs].filter((output) => !args.has(output)));
      expect(missing(further, outputsPart(page), outputsPart), `${page} does not name these outputs`).toEqual(
        [],
      );
    });

    test("has no argument or output on its page that does not exist", () => {
      const unknownArgs = [...firstColumn(wholePage(page), "arg")].filter((word) => !args.has(word));
      expect(unknownArgs, `tables of ${page} name arguments that do not exist`).toEqual([]);
      const unknownOutputs = [...firstColumn(wholePage(page), "output")].filter((word) => !outputs.has(word));
      expect(unknownOutputs, `tables of ${page} name outputs that do not exist`).toEqual([]);
    });
  },
);

describe.each(lookUps.map((each) => [each.name, each] as const))(
  "%s",
  (name, { args, outputs }: Documented) => {
    const part = () => sectionOf(wholePage(LOOK_UPS), name) ?? { page: LOOK_UPS, text: "" };

    test(`has every argument and property under its own heading in ${LOOK_UPS}`, () => {
      const lacking = missing(new Set([...args, ...outputs]), part(), wholePage);
      expect(lacking, `"## ${name}" in ${LOOK_UPS} does not name these`).toEqual([]);
    });

    test("has no property there that does not exist", () => {
      const unknown = [...firstColumn(part(), "property")].filter((word) => !outputs.has(word));
      expect(unknown, `"## ${name}" in ${LOOK_UPS} names what does not exist`).toEqual([]);
    });
  },
);

test("tables of arguments on other pages name only what some class has", () => {
  const all = new Set(classes.flatMap(({ args }) => [...args]));
  const own = new Set(classes.map(({ name }) => pageOf(name)));
  for (const page of pages.filter((each) => !own.has(each))) {
    const unknown = [...firstColumn(wholePage(page), "arg")].filter((word) => !all.has(word));
    expect(unknown, `tables of ${page} name arguments that do not exist`).toEqual([]);
  }
});

test("every link between pages leads somewhere", () => {
  for (const page of pages) {
    const folder = dirname(join(root, page));
    for (const [, file = "", anchor] of wholePage(page).text.matchAll(
      /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g,
    )) {
      const target = file === "" ? join(root, page) : join(folder, file);
      expect(existsSync(target), `${page} links to ${file}, which is not there`).toBe(true);
      if (anchor === undefined) continue;
      const anchors = headingsOf(target.slice(root.length + 1)).map(anchorOf);
      expect(anchors, `${page} links to ${file}#${anchor}`).toContain(anchor);
    }
  }
});

const headingsOf = (page: string): string[] =>
  [...wholePage(page).text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading.trim());
