import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";

const SCRIPT = join(import.meta.dirname, "pyvmomi_client.py");

/** What pyVmomi raised. */
export class PyVmomiError extends Error {
  override name = "PyVmomiError";
}

/** A Python process with pyVmomi that takes one order after the other; see pyvmomi_client.py for what it can do. */
export class PyVmomi {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  #complaints = "";

  /** @param python the path of a Python that can `import pyVmomi` */
  constructor(python: string) {
    this.#process = spawn(python, ["-u", SCRIPT]);
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints += text;
    });
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** @throws PyVmomiError "TypeOfFault: its message" */
  async do(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify({ do: name, ...args })}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`pyvmomi_client.py ended.\n${this.#complaints}`);
    const answer: { result?: unknown; fault?: string; message?: string } = JSON.parse(value);
    if (answer.fault !== undefined) throw new PyVmomiError(`${answer.fault}: ${answer.message}`);
    return answer.result;
  }

  async close(): Promise<void> {
    if (this.#process.exitCode === null) {
      const exit = once(this.#process, "exit");
      this.#process.stdin.end();
      await exit;
    }
    this.#lines.close();
  }
}
