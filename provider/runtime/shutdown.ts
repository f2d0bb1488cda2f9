import { pauseFor } from "../pause.ts";
import { closeOvaSources } from "../resources/vm/ova-sources.ts";
import { StoppedError } from "../stopped-error.ts";
import { closeEngine, whenEngineIsGone } from "./engine.ts";
import { closeHosts } from "./host-pool.ts";

/** Pulumi kills a provider five seconds after it asked it to end. */
const CLEAN_UP_MS = 4000;
/** What is under way has so long to end. The rest of the time is for the log-out. */
const WORK_ENDS_WITHIN_MS = 3000;

const ending = new AbortController();
const working = new Set<Promise<unknown>>();
let installed = false;

/** Aborted when Pulumi wants the process to end. */
export const endOfRun: AbortSignal = ending.signal;

/**
 * Runs an operation so that the end of the process can wait for it. Pulumi sends SIGINT when it is done with a
 * provider, and when the user has pressed ^C a second time: what is under way is then aborted at once, so that leases
 * and uploads end on the host too, and all sessions are logged out. The same where Pulumi was killed.
 */
export function track<T>(operation: () => Promise<T>): Promise<T> {
  if (!installed) {
    installed = true;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end());
    // A terminal that is closed ends Pulumi, unless it runs under `nohup`. Whether it has ended is noticed below.
    process.on("SIGHUP", () => {});
    // The engine reads both streams. Where it was killed, a message that nobody reads must not end the clean-up.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    whenEngineIsGone(() => void end());
  }
  const running = operation();
  const settled = running.then(
    () => {},
    () => {},
  );
  working.add(settled);
  settled.then(() => working.delete(settled));
  return running;
}

async function end(): Promise<void> {
  if (ending.signal.aborted) return;
  ending.abort(new StoppedError("Pulumi was told to stop at once. Run the same command again to go on."));
  const late = setTimeout(() => leave(1), CLEAN_UP_MS);
  late.unref();
  // An operation may wait for an answer that does not come.
  await Promise.race([Promise.all(working), pauseFor(WORK_ENDS_WITHIN_MS)]);
  await Promise.all([closeHosts(), closeOvaSources()]);
  closeEngine();
  leave(0);
}

/** `process.exit` waits for the threads that read files. A read from a network drive that is away does not end. */
function leave(code: number): void {
  const isReading = process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
  if (isReading) process.kill(process.pid, "SIGKILL");
  else process.exit(code);
}
