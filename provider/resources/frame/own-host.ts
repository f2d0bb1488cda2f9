import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import type { Context, Properties } from "./lifecycle.ts";

/**
 * The host on which the resource is, as state says.
 * @param what What is on it, as a message begins with it: `The VM "web"`.
 * @throws HostError if another host answers under that name.
 */
export async function ownHost(props: Properties, context: Context, what: string): Promise<EsxiHost> {
  const host = context.host(text(props.host));
  const { hostUuid } = await host.facts();
  const expected = text(props.hostUuid);
  if (expected !== undefined && expected !== hostUuid) {
    throw new HostError(
      `${what} is on the host with the hardware UUID ${expected}, but ${host.name} (${host.origin}) is the host ` +
        `${hostUuid}. Nothing was changed on either. Point the configuration back at the first host, or, if that ` +
        "host is gone for good, take the resource out of state with `pulumi state delete`.",
    );
  }
  return host;
}

/**
 * The error of an update of something that the host no longer has.
 * @param what as of {@link ownHost}
 */
export function gone(host: EsxiHost, what: string): HostError {
  return new HostError(
    `${what} is not on ${host.name} any more. Run \`pulumi refresh\` so that Pulumi knows it, then \`pulumi up\` ` +
      "makes it anew.",
  );
}

/** A text of state. Undefined for an empty one too. */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
