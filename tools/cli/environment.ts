import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../setup/cache.mjs";

export interface PulumiEnvironmentOptions {
  /** The folder of the Pulumi CLI, as `ensurePulumi` found it. */
  binDir: string;
  /** An existing folder for what Pulumi keeps of its own (`PULUMI_HOME`). */
  home: string;
  /** An existing folder that becomes the backend: state and history as files. */
  backend: string;
  /** What the stack's secrets are encrypted with. */
  passphrase: string;
}

/**
 * The environment for a `pulumi` that uses nothing but the given folders: no service account, no plugin
 * downloads, no update check, and this project's Node.js for programs and dynamic providers.
 * Variables named `PULUMI_*` and `ESXI_*` of this process do not get through.
 */
export function pulumiEnvironment(options: PulumiEnvironmentOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PULUMI|ESXI)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    PATH: [options.binDir, join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
    PULUMI_HOME: options.home,
    PULUMI_BACKEND_URL: pathToFileURL(options.backend).href,
    PULUMI_CONFIG_PASSPHRASE: options.passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}
