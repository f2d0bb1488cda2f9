/** What a port group on the host says of who made it. */
import type { Bearing } from "../../../../provider/resources/take-back/whose.ts";

/** The resource that asks. */
export const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:PortGroup::dev";
export const WHAT = 'the port group "dev"';

/** The session of a run that is dead. */
export const DEAD = "0123456789abcdef";

/** The mark of that resource, finished by a dead run and unchanged since, unless it says otherwise. */
export const ownBearing = (but: Partial<Bearing> = {}): Bearing => ({
  urn: URN,
  session: DEAD,
  isUnfinished: false,
  isUnchanged: async () => true,
  ...but,
});
