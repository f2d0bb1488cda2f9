import { createRequire } from "node:module";

type Undici = Pick<typeof import("undici"), "Agent" | "buildConnector" | "errors">;

/**
 * What of undici talks to a host. The other two thirds (`fetch`, caches, mocks) take a tenth of a second to load, in
 * every run. A release that keeps the parts elsewhere is taken as a whole.
 */
export function loadUndici(require: NodeJS.Require): Undici {
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
    if (code === "MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return require("undici");
    throw error;
  }
}

export const { Agent, buildConnector, errors } = loadUndici(createRequire(import.meta.url));
