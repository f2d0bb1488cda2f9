import { spawn } from "node:child_process";
import { onTestFinished, type TestContext } from "vitest";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A server that the test has started, and that ends with it. */
export interface WatchedServer {
  /** What it has logged, once that is among it. */
  until(pattern: RegExp): Promise<string>;
  /** Has it read its files again. */
  reload(): void;
}

/**
 * A dnsmasq that serves nobody but this test.
 * @param prepare Writes files, and says the arguments.
 * @param within A command that runs it in a place of its own.
 */
export async function startDnsmasq(
  context: TestContext,
  prepare: (folder: string) => readonly string[],
  within: readonly string[] = [],
): Promise<WatchedServer> {
  const command = await need(context, "TEST_DNSMASQ");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const leases = `--dhcp-leasefile=${folder.path}/leases`;
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  const own = [
    "--keep-in-foreground",
    "--log-facility=-",
    "--no-resolv",
    "--no-hosts",
    "--pid-file=",
    leases,
  ];
  const [first = command, ...rest] = [...within, command];
  return startServer(first, [
    ...rest,
    ...own,
    ...user,
    "--conf-file=/dev/null",
    "--bind-interfaces",
    ...prepare(folder.path),
  ]);
}

export function startServer(command: string, args: readonly string[]): WatchedServer {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  let ended = false;
  const looks = new Set<() => void>();
  const changed = () => {
    for (const look of looks) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      changed();
    });
  }
  const end = new Promise<void>((resolve) => {
    child.once("close", () => {
      ended = true;
      changed();
      resolve();
    });
  });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await end;
  });
  return {
    reload: () => void child.kill("SIGHUP"),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(log)) resolve(log);
          else if (ended) reject(new Error(`It ended: ${log}`));
        };
        looks.add(look);
        look();
      }),
  };
}
