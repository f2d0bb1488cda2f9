import * as pulumi from "@pulumi/pulumi";

/** The options of a resource that this package must handle itself. */
interface ReadOptions {
  /** The options for Pulumi. */
  readonly options: pulumi.CustomResourceOptions;
  /** The options that the runtime must know, by the names of inputs. */
  readonly inputs: pulumi.Inputs;
}

/**
 * Reads the options of a resource. Pulumi's dynamic providers are told nothing of `customTimeouts`, `ignoreChanges` and
 * `replaceOnChanges`, so these travel as inputs.
 *
 * A forced replacement (`pulumi up --replace`, `pulumi state taint`) asks no provider in which order it goes, so the
 * resource says it: a host has one thing of a name, and the old one must go first.
 *
 * @param isOnHost False for a decision, which is nothing on a host. Its old one goes last: else all that take its outputs
 * would be replaced with it, even if it decides as before.
 * @param mayHaveId True for a look-up, which is only read.
 * @throws RunError for `deleteBeforeReplace: false`, and for `import` and `id`
 */
export function readOptions(
  name: string,
  inputs: pulumi.Inputs,
  options: pulumi.CustomResourceOptions | undefined,
  isOnHost: boolean,
  mayHaveId: boolean,
): ReadOptions {
  if (options?.deleteBeforeReplace === false && isOnHost) {
    throw new pulumi.RunError(
      `"${name}" cannot have deleteBeforeReplace: false: its host has one thing of a name, so the old one must go ` +
        "before the new one is made. Leave the option out.",
    );
  }
  if (options?.import !== undefined) {
    throw new pulumi.RunError(
      `"${name}" cannot have the option import, and \`pulumi import\` cannot be used: Pulumi's dynamic providers know ` +
        "neither. To take over what is on the host already, give the resource the argument adopt instead " +
        '(adopt: { name: "…" } for a virtual machine, adopt: true for all else), and run `pulumi up`.',
    );
  }
  if (options?.id !== undefined && !mayHaveId) {
    throw new pulumi.RunError(
      `"${name}" cannot have the option id: Pulumi would only read such a resource, and never make or change it. To ask ` +
        "for what is on the host, call getVm or another look-up; to take it over, give the resource the argument adopt.",
    );
  }
  const limits = limitsOf(options?.customTimeouts);
  const { ignoreChanges = [], replaceOnChanges = [] } = options ?? {};
  return {
    options: { ...options, deleteBeforeReplace: isOnHost },
    inputs: {
      ...(Object.keys(limits).length > 0 && { timeouts: withLimits(inputs.timeouts, limits) }),
      ...(ignoreChanges.length > 0 && { __ignoreChanges: ignoreChanges }),
      ...(replaceOnChanges.length > 0 && { __replaceOnChanges: replaceOnChanges }),
    },
  };
}

/** A time limit that `timeouts` names goes before the same one of `customTimeouts`. */
function withLimits(timeouts: unknown, limits: Readonly<Record<string, number>>): pulumi.Input<unknown> {
  if (timeouts === undefined) return limits;
  return pulumi.output(timeouts).apply((own) => ({ ...limits, ...(own as object | undefined) }));
}

function limitsOf(timeouts: pulumi.CustomTimeouts | undefined): Record<string, number> {
  const found = (["create", "update", "delete"] as const).flatMap((operation): [string, number][] => {
    const seconds = secondsOf(timeouts?.[operation]);
    return seconds === undefined ? [] : [[`${operation}Seconds`, seconds]];
  });
  return Object.fromEntries(found);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/** Pulumi's `1h30m` in whole seconds; undefined for what is no duration, which the engine refuses. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^([\d.]+(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/gy)];
  const seconds = parts.map(([, count, unit = ""]) => Number(count) * (UNIT_SECONDS[unit] ?? 0));
  return Math.ceil(seconds.reduce((sum, part) => sum + part, 0));
}
