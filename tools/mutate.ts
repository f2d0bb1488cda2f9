// `npm run mutate -- FILE…`: changes a source file in one place after the other and says which changes no test notices.
import { parseArgs } from "node:util";
import { chooseTests } from "./mutate/choose-tests.ts";
import { reachOfTests } from "./mutate/reach.ts";
import { mutate, type Tally } from "./mutate/stryker.ts";

const USAGE = `npm run mutate -- FILE[:LINE-LINE]… [options]

Prints what survived, then one line for each file.

  --seconds N       how long the tests of one file may take together: those that run it in this process, the
                    shortest that call most of it first (default 45)
  --test FILE       a test file to use instead; may be given more than once
  --concurrency N   mutants at once (default 2)
  --measure         look again what tests run of the sources, after these have changed much`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "45" },
    test: { type: "string", multiple: true },
    concurrency: { type: "string", default: "2" },
    measure: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help || positionals.length === 0) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(values.help ? 0 : 2);
}

const tallies: Tally[] = [];
const reach = values.test === undefined ? await reachOfTests(values.measure) : [];
for (const target of positionals) {
  const source = target.replace(/:.*$/, "");
  const tests = values.test ?? chooseTests(reach, source, Number(values.seconds));
  process.stdout.write(`\n${target}, with\n${tests.map((test) => `  ${test}\n`).join("")}`);
  if (tests.length === 0) throw new Error(`no test runs ${source} in its own process`);
  tallies.push(await mutate(target, tests, Number(values.concurrency)));
}
for (const { target, dead, hung, alive } of tallies) {
  const percent = Math.floor((100 * dead) / Math.max(1, dead + alive));
  process.stdout.write(
    `${target}: ${dead} of ${dead + alive} mutants died (${percent} %), ${hung} of them by hanging\n`,
  );
}
