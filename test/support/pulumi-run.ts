import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { descendants } from "./processes.ts";

/** What one run of `pulumi` came to. */
export interface PulumiResult {
  readonly code: number | null;
  readonly stdout: string;
  /** Standard output and standard error in the order of their arrival. */
  readonly output: string;
  /** Names of the resources of this package by what was done with them: `create`, `update`, `same`, `delete` … */
  readonly steps: Readonly<Record<string, readonly string[]>>;
  /** What the run said about a resource for good (severity error, warning, info), by its name; "" for the stack. */
  readonly diagnostics: readonly Diagnostic[];
  readonly seconds: number;
}

interface Diagnostic {
  readonly name: string;
  readonly severity: string;
  readonly message: string;
}

export interface PulumiCommand {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What it reads from standard input. */
  readonly input?: string;
  /** Where the engine's events go. */
  readonly eventLog?: string;
}

/** Command lines of Pulumi's dynamic provider and the script that starts it. */
const PROVIDER = /\bdynamic-provider\b|pulumi-resource-pulumi-nodejs/;

const MUST_END_WITHIN_MS = 100_000;

/** A `pulumi` that runs, in a process group of its own as a terminal would give it. */
export class PulumiRun {
  readonly result: Promise<PulumiResult>;
  readonly #child: ChildProcess;
  #output = "";
  #stdout = "";

  constructor({ args, cwd, env, input, eventLog }: PulumiCommand) {
    const began = performance.now();
    const all = eventLog === undefined ? args : [...args, "--event-log", eventLog];
    const child = spawn("pulumi", all, { cwd, env, detached: true, stdio: "pipe" });
    this.#child = child;
    child.stdin.end(input ?? "");
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
    this.result = new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        const left = descendants(child.pid ?? 0);
        for (const { pid } of left) process.kill(pid, "SIGKILL");
        child.kill("SIGKILL");
        reject(new Error(`pulumi ${args.join(" ")} did not end within 100 s:\n${this.#output}`));
      }, MUST_END_WITHIN_MS);
      child.once("error", reject);
      child.once("close", (code) => {
        clearTimeout(late);
        const events = eventLog === undefined ? [] : readEvents(eventLog);
        resolve({
          code,
          stdout: this.#stdout,
          output: this.#output,
          steps: stepsOf(events),
          diagnostics: diagnosticsOf(events),
          seconds: (performance.now() - began) / 1000,
        });
      });
    });
  }

  /** ^C: what a terminal sends to the foreground's process group. */
  interrupt(): void {
    process.kill(-(this.#child.pid ?? 0), "SIGINT");
  }

  /** Ends the CLI and the program at once, as the kernel does that runs out of memory, and leaves the provider alone. */
  kill(): void {
    const pid = this.#child.pid ?? 0;
    const others = descendants(pid).filter(({ command }) => !PROVIDER.test(command));
    for (const one of [pid, ...others.map((other) => other.pid)]) process.kill(one, "SIGKILL");
  }

  /** Ends all of it at once, the provider too, as `kill -9` of the whole group does. */
  killAll(): void {
    const pid = this.#child.pid ?? 0;
    for (const one of [pid, ...descendants(pid).map((other) => other.pid)]) process.kill(one, "SIGKILL");
  }

  /** The process id of Pulumi's dynamic provider; undefined while there is none. */
  providerPid(): number | undefined {
    const found = descendants(this.#child.pid ?? 0).filter(({ command }) =>
      /\bnode\b.*\bdynamic-provider\b/.test(command),
    );
    return found.at(-1)?.pid;
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }
}

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** The part of an engine event that is read here. */
interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly severity: string;
    readonly message: string;
    readonly ephemeral?: boolean;
  };
}

function readEvents(file: string): EngineEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as EngineEvent);
}

function stepsOf(events: readonly EngineEvent[]): Record<string, string[]> {
  const steps: Record<string, string[]> = {};
  const failed = new Set(events.flatMap(({ resOpFailedEvent }) => resOpFailedEvent?.metadata.urn ?? []));
  const note = (op: string, { urn, type }: StepMetadata) => {
    if (!type.startsWith("pulumi-nodejs:esxi:")) return;
    steps[op] = [...(steps[op] ?? []), nameOf(urn)].sort();
  };
  for (const { resOutputsEvent, resOpFailedEvent } of events) {
    if (resOutputsEvent && !failed.has(resOutputsEvent.metadata.urn)) {
      note(resOutputsEvent.metadata.op, resOutputsEvent.metadata);
    }
    if (resOpFailedEvent) note(`${resOpFailedEvent.metadata.op} failed`, resOpFailedEvent.metadata);
  }
  return steps;
}

function diagnosticsOf(events: readonly EngineEvent[]): Diagnostic[] {
  return events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent === undefined || diagnosticEvent.ephemeral || diagnosticEvent.severity === "debug"
      ? []
      : [
          {
            name: diagnosticEvent.urn?.includes("pulumi-nodejs:esxi:") ? nameOf(diagnosticEvent.urn) : "",
            severity: diagnosticEvent.severity,
            message: diagnosticEvent.message.replaceAll(/<\{%.*?%\}>/g, "").trim(),
          },
        ],
  );
}

const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
