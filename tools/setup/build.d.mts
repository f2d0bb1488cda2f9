import type { ChildResult } from "./child.d.mts";

/** Makes dist/ of provider/ and schema/, types and code, unless it is made of exactly these sources already. */
export function build(lockFile: string): Promise<Pick<ChildResult, "code" | "signal">>;

/** Whether dist/ is made of exactly the sources that are there now. */
export function isBuilt(): boolean;
