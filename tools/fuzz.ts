/** Hands broken and hostile inputs to the code that reads what others wrote. `npm run fuzz -- --help` */
import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { PARTS } from "../test/fuzz/parts/index.ts";
import { runPart } from "../test/fuzz/run-part.ts";

const USAGE = `npm run fuzz [SECONDS] [-- --part NAME --seed N]

SECONDS are shared by all parts (default 60); seeds are of the clock's choice, and each finding names its own.

  --part NAME   ${PARTS.map(({ name }) => name).join(", ")}
  --seed N      only the input of that seed
`;
/** A process that hangs for so long cannot say itself what it hangs at. */
const HANGS_AFTER_MS = 20_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { part: { type: "string" }, seed: { type: "string" }, help: { type: "boolean" } },
});

/** Ends the process, from another thread, when no input has ended for long, and names the one that is at work. */
function watchOver(): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const code = `
    const { workerData: { shared, names, limit } } = require("node:worker_threads");
    let last = -1;
    setInterval(() => {
      const now = Atomics.load(shared, 0);
      if (now === last) {
        require("node:fs").writeSync(2, names[Atomics.load(shared, 1)] + ", seed " + now + ": hangs\\n");
        process.kill(process.pid, "SIGKILL");
      }
      last = now;
    }, limit);`;
  const workerData = { shared, names: PARTS.map(({ name }) => name), limit: HANGS_AFTER_MS };
  new Worker(code, { eval: true, workerData }).unref();
  return shared;
}

async function main(): Promise<void> {
  if (values.help) return void writeSync(1, USAGE);
  const parts = PARTS.filter(({ name }) => values.part === undefined || name === values.part);
  if (parts.length === 0) throw new Error(`There is no part ${values.part}.\n${USAGE}`);
  const seconds = Number(positionals[0] ?? 60);
  if (!(seconds > 0)) throw new Error(`${positionals[0]} is no number of seconds.\n${USAGE}`);
  const only = values.seed === undefined ? undefined : Number(values.seed);
  const at = watchOver();
  for (const part of parts) {
    Atomics.store(at, 1, PARTS.indexOf(part));
    const end = Date.now() + (seconds * 1000) / parts.length;
    const first = only ?? Date.now() % 2 ** 30;
    const tried = await runPart(part, first, (count, seed) => {
      Atomics.store(at, 0, seed);
      return only === undefined ? Date.now() < end : count === 0;
    });
    writeSync(1, `${part.name}: ${tried} inputs, no finding\n`);
  }
}

main().catch((error: unknown) => {
  writeSync(2, `${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
