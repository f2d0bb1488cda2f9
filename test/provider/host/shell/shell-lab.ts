import { twoDatastores } from "../../../support/two-datastores.ts";
import { Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

/** A host with two datastores that is reached over SSH too, and somebody else who makes machines on it. */
export async function openShellLab(): Promise<{ readonly lab: Lab; readonly stranger: Stranger }> {
  const datastores = twoDatastores(1024 ** 3);
  const lab = await Lab.open({ datastores, ssh: { listen: "127.0.0.1:0" } });
  return { lab, stranger: new Stranger(lab) };
}
