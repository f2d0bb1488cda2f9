import { vi } from "vitest";
import type { EsxiHost } from "../../provider/host/esxi-host.ts";
import type { ObjectContent } from "../../schema/index.ts";

/**
 * The host tells of a property, of whatever object has it, as the function makes it; nothing if that gives undefined.
 * Until `vi.restoreAllMocks()`.
 */
export function told({ client }: EsxiHost, property: string, change: (value: unknown) => unknown): void {
  // What was told before stays so.
  const known: unknown = client.call;
  const told = vi.isMockFunction(known) ? known.getMockImplementation() : undefined;
  const call = (told ?? client.call.bind(client)) as (...args: readonly unknown[]) => Promise<unknown>;
  const changed = ({ propSet, ...content }: ObjectContent) => ({
    ...content,
    propSet: (propSet ?? []).flatMap(({ name, val }) => {
      const value = name === property ? change(val) : val;
      return value === undefined ? [] : [{ name, val: value }];
    }),
  });
  const answer = async (...args: readonly unknown[]) => {
    const found = (await call(...args)) as { readonly objects?: readonly ObjectContent[] };
    return found?.objects ? { ...found, objects: found.objects.map(changed) } : found;
  };
  vi.spyOn(client, "call").mockImplementation(answer as typeof client.call);
}
