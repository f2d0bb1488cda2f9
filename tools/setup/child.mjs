import { spawn } from "node:child_process";
import { isatty } from "node:tty";

/**
 * Runs a command to its end. Signals that reach this process reach the child too, once: a ^C typed in a
 * terminal goes to both anyway, and a second one means something else to Pulumi.
 */
export function run(command, args, { cwd, env = process.env, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit" });
    const output = [];
    child.stdout?.on("data", (chunk) => output.push(chunk));
    child.stderr?.on("data", (chunk) => output.push(chunk));

    const onInterrupt = () => {
      if (!hasTerminal()) child.kill("SIGINT");
    };
    const onTerminate = () => child.kill("SIGTERM");
    process.on("SIGINT", onInterrupt);
    process.on("SIGTERM", onTerminate);
    const settle = () => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
    };

    child.on("error", (error) => {
      settle();
      reject(error);
    });
    child.on("close", (code, signal) => {
      settle();
      resolve({ code, signal, output: Buffer.concat(output).toString() });
    });
  });
}

function hasTerminal() {
  return isatty(0) || isatty(1) || isatty(2);
}
