import { readdirSync, readFileSync } from "node:fs";

const LOOK_EVERY_MS = 50;

/** Watches the dynamic-provider process below a `pulumi` process; the kernel keeps its peak, so the last look counts. */
export function watchPeakMemory(pulumiPid: number): { peakBytes(): number | undefined; stop(): void } {
  let provider: number | undefined;
  let peak: number | undefined;
  const look = () => {
    provider ??= findProvider(pulumiPid);
    const kilobytes = provider === undefined ? undefined : peakKilobytes(provider);
    if (kilobytes !== undefined) peak = Math.max(peak ?? 0, kilobytes * 1024);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { peakBytes: () => peak, stop: () => clearInterval(timer) };
}

function findProvider(ancestor: number): number | undefined {
  const parents = new Map<number, number>();
  const candidates: number[] = [];
  for (const pid of processes()) {
    const parent = /^PPid:\s+(\d+)/m.exec(read(pid, "status"))?.[1];
    parents.set(pid, Number(parent));
    const [program = "", script = ""] = read(pid, "cmdline").split("\0");
    if (/node$/.test(program) && /cmd[\\/]dynamic-provider/.test(script)) candidates.push(pid);
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 0 && (pid === ancestor || isBelow(parents.get(pid)));
  return candidates.find(isBelow);
}

function processes(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function peakKilobytes(pid: number): number | undefined {
  const found = /^VmHWM:\s+(\d+) kB/m.exec(read(pid, "status"))?.[1];
  return found === undefined ? undefined : Number(found);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended meanwhile, or there is no /proc.
    return "";
  }
}
