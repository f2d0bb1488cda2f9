import type { Example } from "./fences.ts";

/** Examples that are made and removed together. */
export interface ExampleStack {
  /** Where they stand, as `README.md, docs/host-service.md`. */
  readonly pages: string;
  readonly examples: readonly Example[];
}

interface Filling {
  readonly pages: string[];
  readonly examples: Example[];
  readonly names: Set<string>;
}

/** As few stacks as hold all pages: those of one stack give no name twice, to whatever kind of resource. */
export function stacksOf(examples: readonly Example[]): ExampleStack[] {
  const stacks: Filling[] = [];
  for (const page of new Set(examples.map(pageOf))) {
    const ofPage = examples.filter((example) => pageOf(example) === page);
    const names = ofPage.flatMap(namesIn);
    let stack = stacks.find((candidate) => !names.some((name) => candidate.names.has(name)));
    if (stack === undefined) {
      stack = { pages: [], examples: [], names: new Set() };
      stacks.push(stack);
    }
    stack.pages.push(page);
    stack.examples.push(...ofPage);
    for (const name of names) stack.names.add(name);
  }
  return stacks.map((stack) => ({ pages: stack.pages.join(", "), examples: stack.examples }));
}

const pageOf = ({ where }: Example): string => where.split(":")[0] ?? "";

/** What the resources of a program are named, without the numbers that a loop or a fleet puts behind. */
function namesIn({ code }: Example): string[] {
  return [...code.matchAll(/\bnew \w+\(\s*["`]([^"`$]+)/g)].map(([, name = ""]) => name.replace(/-\d*$/, ""));
}
