import { isBuilt } from "../../tools/setup/build.mjs";

let known = false;

/**
 * Must be called by whatever runs dist/ in another process.
 * @throws Error if dist/ is not what the sources would be built into: the test would be one of older code.
 */
export function expectBuilt(): void {
  known ||= isBuilt();
  if (known) return;
  throw new Error(
    "dist/ is not made of the sources as they are now, so this would test older code. Run `npm run build` first, or " +
      "`npm test -- FILE`, which does.",
  );
}
