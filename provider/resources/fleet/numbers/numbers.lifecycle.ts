import * as v from "valibot";
import { readNetworks } from "../../../host/inventory/networks.ts";
import type { CheckFailure, Context, Lifecycle, Properties } from "../../frame/lifecycle.ts";
import { byNames, name, unknownSetting } from "../../inputs/setting-forms.ts";
import { byName } from "../by-name.ts";
import { decidedInCheck } from "../decided-in-check.ts";
import { distinctKeys } from "../distinct-keys.ts";
import { assignNumbers, type NumberByKey, type NumbersAssigned } from "./assign-numbers.ts";

const whole = v.pipe(
  v.number("must be a number"),
  v.check((value) => Number.isSafeInteger(value), "must be a whole number"),
);

const schema = v.strictObject(
  {
    keys: distinctKeys,
    from: whole,
    to: whole,
    fixed: v.optional(byNames(whole, "{ admin: 10 }"), {}),
    portGroups: v.optional(
      v.strictObject(
        {
          namePattern: v.pipe(name, v.includes("%s", "must have %s as the place of the key")),
          hosts: v.optional(v.array(name, "must be a list of names")),
        },
        unknownSetting,
      ),
    ),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

/** The lifecycle of {@link Numbers}, in the dynamic-provider process. */
export const numbers: Lifecycle = decidedInCheck({
  schema,
  decided: ["numbers", "retired"],
  kept: ["from", "to"],
  async decide(settings, olds, { context }) {
    const before = parseAssigned(olds);
    const wrong = failuresOf(settings);
    if (wrong.length > 0) return { decided: { ...before }, news: "", failures: wrong };
    const isNew = Object.keys(before.numbers).length === 0 && before.retired.length === 0;
    const found = isNew ? await seenAsVlans(settings, context) : {};
    const assigned = assignNumbers(settings, before, found);
    const without = settings.keys.filter((key) => !Object.hasOwn(assigned.numbers, key));
    const failures = without.length === 0 ? [] : [shortage(settings, without)];
    return { decided: { ...assigned }, news: newsOf(before.numbers, assigned.numbers), failures };
  },
});

function parseAssigned({ numbers, retired }: Properties): NumbersAssigned {
  const isNumber = (value: unknown): value is number => typeof value === "number";
  const entries = Object.entries(typeof numbers === "object" && numbers !== null ? numbers : {});
  return {
    numbers: Object.fromEntries(entries.filter((entry): entry is [string, number] => isNumber(entry[1]))),
    retired: Array.isArray(retired) ? retired.filter(isNumber) : [],
  };
}

function failuresOf({ from, to, fixed }: Settings): CheckFailure[] {
  const keyOf = new Map<number, string>();
  const twice = Object.entries(fixed).flatMap(([key, number]) => {
    const other = keyOf.get(number);
    keyOf.set(number, key);
    if (other === undefined) return [];
    return [{ property: `fixed.${key}`, reason: `${number} is also the number of "${other}"` }];
  });
  const range = from > to ? [{ property: "to", reason: `must be at least ${from}, as from is` }] : [];
  return [...range, ...twice];
}

function shortage({ keys, from, to }: Settings, without: readonly string[]): CheckFailure {
  const room = to - from + 1;
  const shown = without.slice(0, 3).map((key) => `"${key}"`);
  const more = without.length > shown.length ? ` and ${without.length - shown.length} more` : "";
  return {
    property: "keys",
    reason: `${keys.length} keys need a number, but from ${from} to ${to} there are ${room}: none is left for ${shown.join(", ")}${more}`,
  };
}

/**
 * The VLANs of port groups on the hosts. If hosts have different numbers, the first host in the list counts.
 * @throws The error if a host cannot be asked. Giving existing things new numbers would be worse than stopping.
 */
async function seenAsVlans({ keys, portGroups }: Settings, context: Context): Promise<NumberByKey> {
  if (portGroups === undefined) return {};
  const { namePattern, hosts = [undefined] } = portGroups;
  const left = hosts.filter((host) => context.isGone?.(host) !== true);
  const networks = await Promise.all(left.map((host) => readNetworks(context.host(host))));
  const vlanOf = new Map(
    networks
      .reverse()
      .flat()
      .map((network) => [network.name, network.vlanId]),
  );
  return Object.fromEntries(
    keys.flatMap((key) => {
      const vlanId = vlanOf.get(namePattern.replaceAll("%s", () => key));
      return vlanId === undefined ? [] : [[key, vlanId]];
    }),
  );
}

/** The text of a preview: `2 new: red 200, blue 201; 1 gone`. */
function newsOf(before: NumberByKey, now: NumberByKey): string {
  const changed = Object.keys(now)
    .filter((key) => !Object.hasOwn(before, key) || before[key] !== now[key])
    .sort(byName);
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(now, key));
  const shown = changed.slice(0, 10).map((key) => `${key} ${now[key]}`);
  const more = changed.length > shown.length ? ` and ${changed.length - shown.length} more` : "";
  return [
    ...(changed.length > 0 ? [`${changed.length} new: ${shown.join(", ")}${more}`] : []),
    ...(gone.length > 0 ? [`${gone.length} gone`] : []),
  ].join("; ");
}
