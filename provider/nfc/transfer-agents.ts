import { X509Certificate } from "node:crypto";
import type { Agent, Dispatcher } from "undici";
import type { HttpNfcLeaseDeviceUrl } from "../../schema/index.ts";
import { createHostAgent, type HostAgentOptions } from "../vim/tls/tls.ts";
import { resolveDeviceUrl } from "./device-url.ts";

/** The agents for one host's transfers: the API's own, and one for each other endpoint that a lease names. */
export class TransferAgents {
  readonly #host: HostAgentOptions;
  readonly #hostAgent: Dispatcher;
  readonly #others = new Map<string, Agent>();

  /** `hostAgent` is the one that createHostAgent made from the same options. The caller closes it. */
  constructor(host: HostAgentOptions, hostAgent: Dispatcher) {
    this.#host = host;
    this.#hostAgent = hostAgent;
  }

  /** The agent for the host's own endpoint. */
  get own(): Dispatcher {
    return this.#hostAgent;
  }

  /** The agent for a lease's URL. Another endpoint must have the certificate that the lease announces for it. */
  for(device: HttpNfcLeaseDeviceUrl): Dispatcher {
    const { origin } = resolveDeviceUrl(device.url, this.#host.origin);
    if (origin === new URL(this.#host.origin).origin) return this.#hostAgent;
    const leaseThumbprint = announced(device);
    const key = `${origin} ${leaseThumbprint}`;
    const known = this.#others.get(key);
    if (known) return known;
    // The announcement came over the API's checked connection. Without one, the host's own rule counts.
    const rule = leaseThumbprint === undefined ? this.#host : { leaseThumbprint };
    const agent = createHostAgent({ ...rule, origin });
    this.#others.set(key, agent);
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#others.values()].map((agent) => agent.close()));
    this.#others.clear();
  }
}

/**
 * The thumbprint of the certificate that a lease announces. Newer hosts send the whole certificate, and some send
 * nothing.
 */
function announced({ sslCertificate, sslThumbprint }: HttpNfcLeaseDeviceUrl): string | undefined {
  if (sslCertificate) {
    try {
      return new X509Certificate(sslCertificate).fingerprint256;
    } catch {
      // If the certificate cannot be read, the thumbprint counts, or the host's own rule.
    }
  }
  return sslThumbprint || undefined;
}
