import { createRequire } from "node:module";

/**
 * In this checkout the package's compiled code comes from `npm run build`; without it Node would only say that it
 * cannot find a module.
 */
export function requireBuild(): void {
  try {
    createRequire(import.meta.url).resolve("pulumi-esxi-direct");
  } catch {
    throw new Error(
      "pulumi-esxi-direct is not built in this checkout. Run `npm run build` first, then this again.",
    );
  }
}
