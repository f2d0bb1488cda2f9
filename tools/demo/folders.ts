import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/cache.mjs";

/** Where the demo keeps its host, its stack and Pulumi's own files; git ignores it; deleting it and {@link DEMO_CONFIG} starts anew. */
export const DEMO = join(root, ".demo");

/** The simulated host's state folder. */
export const DEMO_HOST = join(DEMO, "host");

/** The demo's own copy of `Pulumi.dev.yaml`, where Pulumi expects the configuration of the stack `demo`. */
export const DEMO_CONFIG = join(root, "Pulumi.demo.yaml");

/** The secret that is the simulated host's password. */
export const DEMO_HOST_PASSWORD = "password";

/** A secret of the demo: the simulated host's password, or what the stack's secrets are encrypted with. Made when first asked for. */
export function demoSecret(name: typeof DEMO_HOST_PASSWORD | "passphrase"): string {
  const file = join(DEMO, name);
  mkdirSync(DEMO, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString("base64url"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}
