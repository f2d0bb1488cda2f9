import type { EsxiHost } from "../../../provider/host/esxi-host.ts";

/** Calls that change nothing on the host. */
export const READS =
  /^(Retrieve|Continue|WaitFor|Create(Filter|PropertyCollector|ListView|ContainerView)|Modify|DestroyView|Cancel|Login|Logout|CurrentTime|Search|Find)/;

/**
 * Makes a connection do nothing more from a change on, as if its process had been killed.
 * @param change The how many-th change, or the first call of that method.
 * @param moment Whether the host gets that last change.
 * @param counts Which methods are changes. Default: all that do not only read.
 * @returns Resolves when it happens, with the method's name.
 */
export function killAt(
  host: EsxiHost,
  change: number | string,
  moment: "before" | "after",
  counts: (method: string) => boolean = (method) => !READS.test(method),
): Promise<string> {
  const call = host.client.call.bind(host.client);
  let changes = 0;
  let dead = false;
  return new Promise((resolve) => {
    const dying: typeof host.client.call = async (self, method, params, options) => {
      const isChange = counts(method);
      if (isChange) changes++;
      if (!dead && isChange && (change === method || change === changes)) {
        dead = true;
        // What the host answered, a refusal too, nobody hears any more.
        if (moment === "after") await call(self, method, params, options).catch(() => {});
        resolve(method);
      }
      return dead ? new Promise(() => {}) : call(self, method, params, options);
    };
    host.client.call = dying;
  });
}
