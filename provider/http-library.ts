import { createRequire } from "node:module";

type Undici = Pick<typeof import("undici"), "Agent" | "buildConnector" | "errors">;

const require = createRequire(import.meta.url);

/**
 * What of undici talks to a host. The other two thirds (`fetch`, caches, mocks) take a tenth of a second to load, in
 * every run.
 */
export const { Agent, buildConnector, errors } = parts() ?? (require("undici") as Undici);

/** Undefined with a release that keeps them elsewhere: then it is taken as a whole. */
function parts(): Undici | undefined {
  try {
    // The library's own entry gives its agents these methods.
    Object.assign(
      require("undici/lib/dispatcher/dispatcher.js").prototype,
      require("undici/lib/api/index.js"),
    );
    return {
      Agent: require("undici/lib/dispatcher/agent.js"),
      buildConnector: require("undici/lib/core/connect.js"),
      errors: require("undici/lib/core/errors.js"),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return undefined;
    throw error;
  }
}
