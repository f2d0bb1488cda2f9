import type { Simulator } from "../../simulator/index.ts";

/** Ends when somebody waits for a task from now on. */
export function untilSomebodyWaits({ faults }: Simulator): Promise<void> {
  return new Promise((resolve) => {
    faults.add({ method: "WaitForUpdatesEx", action: "continue", onWork: () => resolve() });
  });
}

/**
 * Loses the answer to the next such call, or command, whose task takes its time: the host does its work when somebody waits
 * for it.
 *
 * @param entity Part of a command over SSH, or of the name of what is called.
 */
export function loseAnswerOfSlowTask(simulator: Simulator, method: string, entity?: string): void {
  const onTask = () => untilSomebodyWaits(simulator);
  simulator.faults.add({ method, entity, count: 1, action: "loseReply", onTask });
}
