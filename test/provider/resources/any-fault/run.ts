/** One step of a resource's life in a process of its own, with a fault at one request. */
import { setTimeout } from "node:timers/promises";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { Context } from "../../../../provider/resources/frame/lifecycle.ts";
import { untilSomebodyWaits } from "../../../support/slow-task.ts";
import { openWire } from "../../../support/wire.ts";
import type { Lab } from "../lab.ts";
import { type Draw, methodOf } from "./draw.ts";

export interface Outcome<T> {
  readonly result?: T;
  readonly error?: unknown;
  /** The process was killed: nobody heard of a result or error. */
  readonly killed: boolean;
  /** Whether the request came at which the fault was to happen. */
  readonly met: boolean;
}

/** @param work The step, with all that the run may use. */
export async function runWith<T>(
  lab: Lab,
  draw: Draw | undefined,
  work: (context: Context) => Promise<T>,
): Promise<Outcome<T>> {
  await lab.restart();
  const { simulator } = lab.raw;
  simulator.requests.clear();
  if (draw === undefined) return { result: await work(lab.context()), killed: false, met: true };
  const aborting = new AbortController();
  let die = (): void => {};
  const killed = new Promise<"killed">((resolve) => {
    die = () => resolve("killed");
  });
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const isKill = draw.fault.name.startsWith("a kill");
  const line = isKill ? await wired(lab) : undefined;
  simulator.faults.add({
    method: methodOf(draw.request),
    after: draw.after,
    count: 1,
    ...draw.fault.rule({
      abort: () => aborting.abort(new Error("^C of the test")),
      kill: () => {
        line?.cut();
        die();
      },
      fill: () => setFull(lab, true),
      untilWaitedFor: () => Promise.race([untilSomebodyWaits(simulator), ended]),
    }),
  });
  const working = work(lab.context(aborting.signal, line?.host)).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  const outcome = await Promise.race([working, killed]);
  end();
  const met = simulator.requests.entries().some(({ faultRule }) => faultRule);
  simulator.faults.clear();
  setFull(lab, false);
  if (outcome === "killed") {
    lab.restartAfterKill();
    return { killed: true, met };
  }
  await line?.close();
  await lab.restart();
  return { ...outcome, killed: false, met };
}

function setFull(lab: Lab, full: boolean): void {
  for (const name of lab.datastores) lab.raw.simulator.behindBack.setFull(name, full);
}

/** A connection that can be cut. */
export async function wired(lab: Lab): Promise<{ host: EsxiHost; cut(): void; close(): Promise<void> }> {
  const { port, ssh } = lab.raw.simulator;
  const wires = await Promise.all([openWire(port), ...(ssh ? [openWire(ssh.port)] : [])]);
  const [api, shell] = wires;
  const host = lab.connect({}, { api: api.port, ...(shell && { ssh: shell.port }) });
  return {
    host,
    cut: () => wires.forEach((wire) => void wire.close()),
    close: async () => {
      await host.close();
      await Promise.all(wires.map((wire) => wire.close()));
    },
  };
}

/** Waits until the host works on nothing any more. */
export async function untilIdle(lab: Lab): Promise<void> {
  const isIdle = () => lab.raw.simulator.tasks().every(({ completeTime }) => completeTime !== undefined);
  while (!isIdle()) await setTimeout(5);
}
