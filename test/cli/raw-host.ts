import { RawClient } from "../simulator/host/raw-client.ts";
import type { Lab } from "../support/lab.ts";

/** Answers of the raw host to hand-written SOAP. */
export async function asked<T>(
  { host }: Pick<Lab, "host">,
  ask: (client: RawClient) => Promise<T>,
): Promise<T> {
  const client = await RawClient.loggedIn(host);
  try {
    return await ask(client);
  } finally {
    await client.ok("Logout", "SessionManager:ha-sessionmgr");
    await client.close();
  }
}

/** vSwitches and port groups of the raw host, as it writes them. */
export const networkOf = (lab: Lab): Promise<string> =>
  asked(lab, (client) => client.read("HostNetworkSystem:networkSystem", "networkConfig"));
