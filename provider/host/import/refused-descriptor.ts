import type { OvaSource } from "../../ovf/source/source.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { findResourcePool } from "../inventory/named-places.ts";
import { Answers, perHost } from "../per-host.ts";
import { type ImportQuestion, readDescriptor } from "./import-spec.ts";

const refusals = perHost((_host: EsxiHost) => new Answers<HostError | undefined>());

/**
 * Why the host would not take an OVA. Undefined if it would, or if that cannot be said before the deployment: a port
 * group or datastore may yet be missing. All machines of one OVA share one question. It makes nothing on the host.
 */
export function whyRefused(
  host: EsxiHost,
  source: OvaSource,
  request: ImportQuestion,
  signal: AbortSignal,
): Promise<HostError | undefined> {
  const { name: _, ...shared } = request;
  return refusals(host).get(JSON.stringify([source.digest, shared]), async () => {
    try {
      const pool = await findResourcePool(host, request.resourcePool);
      const options = { signal, onWarning: () => {} };
      const { refusal, hint } = await readDescriptor(host, source, request, pool, options);
      return refusal === undefined
        ? undefined
        : new HostError(`${host.name} refuses ${source.location}: ${refusal}.${hint}`);
    } catch (error) {
      signal.throwIfAborted();
      // The deployment meets this error, too, and tells it together with the machine that it keeps from being made.
      if (error instanceof Error) return undefined;
      throw error;
    }
  });
}
