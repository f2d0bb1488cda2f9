import { expect, test } from "vitest";
import { withFewerRuns } from "./fewer-runs.ts";
import { stepsOf } from "./steps.ts";

const fence = (info: string, ...lines: string[]) => `\`\`\`${info}\n${lines.join("\n")}\n\`\`\`\n`;
const up = fence("sh", "pulumi up");
const preview = fence("sh", "pulumi preview");
const change = fence("diff a.ts", "-one;", "+two;");

/** The commands that are left of a page, and what each must print. */
const runsOf = (...parts: string[]) =>
  withFewerRuns(stepsOf("page.md", parts.join("\n"))).flatMap((step) =>
    step.kind === "commands" ? [{ commands: step.text.trim().split("\n"), prints: step.prints }] : [],
  );
const commandsOf = (...parts: string[]) => runsOf(...parts).flatMap(({ commands }) => commands);

test("of a preview and the up behind it, the up is run, and must print both, as done", () => {
  const said = fence("text", "web create", "one power cycle", "+ 2 to create", "4 unchanged");
  expect(runsOf(fence("sh", "export A=1", "pulumi preview"), said, up, fence("text", "web created"))).toEqual(
    [
      {
        commands: ["export A=1", "pulumi up"],
        prints: [["web created", "one power cycle", "+ 2 created", "4 unchanged"], ["web created"]],
      },
    ],
  );
});

test.for([
  ["that fails", fence("sh fails", "pulumi preview"), up],
  ["with options", fence("sh", "pulumi preview --refresh --diff"), up],
  ["of another program than the up behind it", preview, change, up],
  ["with something at the host behind it", preview, "<!-- on the host: it is away -->", up],
  ["with another command behind it", preview, fence("sh", "pulumi destroy")],
])("a preview %s is run", ([, ...parts]) => {
  expect(commandsOf(...parts)).toHaveLength(2);
});

test("one up makes the changes that a page makes in two, and must print what the page says of both", () => {
  const [first, second] = [fence("text", "web updated"), fence("text", "db updated")];
  const steps = withFewerRuns(stepsOf("page.md", [up, first, change, preview, up, second].join("\n")));
  expect(steps).toMatchObject([
    { kind: "change" },
    { text: "pulumi up\n", prints: [["web updated"], ["db updated"]] },
  ]);
});

test.for([
  ["that say the same", up, fence("text", "web updated"), change, up, fence("text", "web updated")],
  ["of which the first says nothing", up, change, up, fence("text", "web updated")],
  [
    "with a look at the host in between",
    up,
    fence("text", "a"),
    "<!-- on the host: it is away -->",
    change,
    up,
  ],
  ["with another command in between", up, fence("text", "a"), fence("sh", "true"), up],
])("two ups %s are both run", ([, ...parts]) => {
  expect(commandsOf(...parts).filter((command) => command === "pulumi up")).toHaveLength(2);
});
