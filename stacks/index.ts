/** The lab as a whole: each program makes as many virtual machines as the stack's configuration says. */
import { noticeUnknownKeys } from "./known-keys.ts";
import { requireBuild } from "./require-build.ts";

requireBuild();
noticeUnknownKeys();
const { deployOvas } = await import("./ova.ts");
const { deployClones } = await import("./clones.ts");
const { makeClass } = await import("./class.ts");
const { buildScratchVms } = await import("./scratch.ts");

/** What `pulumi stack output` shows: each VM by name, with where it is and how to reach it. */
export const vms = deployOvas();

/** The same of the clones. */
export const clones = deployClones();

/** The machines of a class by login, with their people, addresses and hosts. */
export const people = makeClass();

/** The same of the machines from nothing. */
export const scratch = buildScratchVms();
