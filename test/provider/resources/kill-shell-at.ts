import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import { shellOf } from "../../../provider/host/shell/host-shell.ts";

/** What changes nothing on the host. */
const READS = [
  "list",
  "readFile",
  "question",
  "powerState",
  "snapshots",
  "listVms",
  "guestAddress",
  "readTwice",
  "readHead",
  "accepts",
];

/**
 * Makes a host's shell do nothing more from a change on, as if the process had been killed.
 * @param seen Gets the name of every change.
 * @returns Resolves when it happens.
 */
export async function killShellAt(
  host: EsxiHost,
  change: number,
  moment: "before" | "after",
  seen: string[],
): Promise<{ killed: Promise<void> }> {
  const shell = await shellOf(host).open();
  let dead = false;
  let die = () => {};
  const killed = new Promise<void>((resolve) => {
    die = resolve;
  });
  const dying = new Proxy(shell, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        if (dead) return new Promise(() => {});
        if (READS.includes(String(name))) return Reflect.apply(method, target, args);
        seen.push(String(name));
        if (seen.length !== change) return Reflect.apply(method, target, args);
        dead = true;
        if (moment === "after") await Reflect.apply(method, target, args);
        die();
        return new Promise(() => {});
      };
    },
  });
  shellOf(host).open = async () => dying;
  return { killed };
}
