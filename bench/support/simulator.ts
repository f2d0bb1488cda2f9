import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../tools/setup/cache.mjs";

/** What simulator-process.ts is told. */
export interface SimulatorStart {
  readonly stateDir: string;
  readonly password: string;
  /** Delay of every request. */
  readonly latencyMs: number;
  /** `free`: the API only reads, and there is an SSH server. */
  readonly license: "licensed" | "free";
}

/** What a simulated host has seen so far. */
export interface SimulatorFigures {
  /** Method of each request, in the order of their beginning; `nfc` is an upload. */
  readonly requests: readonly string[];
  /** Commands that were run over SSH. */
  readonly commands: readonly string[];
  /** How long each copy of a disk took, as its task says. */
  readonly copySeconds: readonly number[];
  /** Processor time of its process. */
  readonly processorSeconds: number;
  /** `name: power state` */
  readonly vms: readonly string[];
}

/** A simulated host for one measurement. */
export interface SimulatorHost {
  /** How the product is told to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its SSH server, if it has one. */
  readonly ssh: { readonly port: number; readonly hostKey: string } | undefined;
  figures(): Promise<SimulatorFigures>;
}

/** The SSH server of a host with a free licence. */
export function sshOf({ ssh }: SimulatorHost): NonNullable<SimulatorHost["ssh"]> {
  if (!ssh) throw new Error("The simulated host has no SSH server.");
  return ssh;
}

/** Runs `work` with a fresh simulated host in a process of its own. */
export async function withSimulator<T>(
  latencyMs: number,
  work: (host: SimulatorHost) => Promise<T>,
  license: SimulatorStart["license"] = "licensed",
): Promise<T> {
  const stateDir = await mkdtemp(join(tmpdir(), "esxi-bench-host-"));
  const start: SimulatorStart = { stateDir, password: "bench", latencyMs, license };
  const child = fork(join(root, "bench/support/simulator-process.ts"), [JSON.stringify(start)]);
  const answer = async (): Promise<unknown> => {
    const [message] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => Promise.reject(new Error("The simulator ended."))),
    ]);
    return message;
  };
  try {
    const { url, username, thumbprint, ssh } = (await answer()) as {
      readonly [key in "url" | "username" | "thumbprint"]: string;
    } & Pick<SimulatorHost, "ssh">;
    return await work({
      ssh,
      environment: {
        ESXI_HOST: url,
        ESXI_USERNAME: username,
        ESXI_PASSWORD: start.password,
        ESXI_THUMBPRINT: thumbprint,
      },
      figures: () => {
        child.send("figures");
        return answer() as Promise<SimulatorFigures>;
      },
    });
  } finally {
    if (child.connected) {
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    }
    await rm(stateDir, { recursive: true, force: true });
  }
}
