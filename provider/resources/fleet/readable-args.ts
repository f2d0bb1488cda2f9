import * as pulumi from "@pulumi/pulumi";
import {
  ANY,
  either,
  type Forms,
  list,
  NUMBER,
  object,
  orLater,
  orNothing,
  refuseOtherForms,
  TEXT,
} from "./arg-forms.ts";
import type { VmFleetArgs } from "./vm-fleet-args.ts";

const PLACE = object('{ host: "lab1" }', {
  named: { host: TEXT, datastore: TEXT, weight: NUMBER, maxMachines: NUMBER, maxMemory: NUMBER, mode: TEXT },
});
const PLACES = list('["lab1", { host: "lab2" }]', either(TEXT, PLACE));

const FORMS: Forms = {
  source: { must: "", fits: () => true, named: { ova: object('{ ovaPath: "images/tinyVM.ova" }'), vm: ANY } },
  mode: { must: '"linked" or "full"', fits: (value) => value === "linked" || value === "full" },
  count: NUMBER,
  keys: list('["alice", "bob"]', TEXT),
  machines: object("{ alice: {}, bob: { memory: 4096 } }", { each: orNothing(object("{ memory: 4096 }")) }),
  formerly: object('{ alice: "3" }', { each: either(TEXT, NUMBER) }),
  namePattern: {
    must: "a text or a function",
    fits: (value) => ["string", "function"].includes(typeof value),
  },
  settings: object("{ memory: 512 }"),
  settingsOf: { must: "a function that gives settings", fits: (value) => typeof value === "function" },
  places: PLACES,
  hosts: PLACES,
  placement: object('{ by: "count" }', {
    named: {
      by: orLater(TEXT),
      overcommit: orLater(NUMBER),
      diskSpace: orLater(NUMBER),
      keepFree: orLater(NUMBER),
    },
  }),
};

/** Settings of a machine that its fleet decides, and the argument that controls each. */
const DECIDED: Readonly<Record<string, string>> = {
  datastore: "places",
  host: "places",
  mode: "mode, beside settings",
  name: "namePattern",
  source: "source, beside settings",
};

/**
 * A fleet's arguments in a form that its code can read.
 * @throws RunError for arguments of another form, and for a fleet without a source or without machines.
 */
export function readable(fleet: string, args: VmFleetArgs): VmFleetArgs {
  refuseOtherForms(`VmFleet "${fleet}"`, args, FORMS);
  const decided = Object.keys(args.settings ?? {}).find((key) => Object.hasOwn(DECIDED, key));
  if (decided !== undefined) {
    throw new pulumi.RunError(
      `VmFleet "${fleet}": settings.${decided}: the fleet decides this for each machine. Use ${DECIDED[decided]} for it.`,
    );
  }
  const { count, keys, machines }: { count?: unknown; keys?: unknown; machines?: unknown } = args;
  if (count !== undefined && (keys ?? machines) !== undefined) {
    throw new pulumi.RunError(
      `VmFleet "${fleet}": count and ${keys === undefined ? "machines" : "keys"} both say which machines the fleet has. Use one of the two.`,
    );
  }
  if ((count ?? keys ?? machines) === undefined) {
    throw new pulumi.RunError(
      `VmFleet "${fleet}" has neither a count nor keys. Give a count, or keys such as ["alice", "bob"].`,
    );
  }
  const source: unknown = args.source;
  if (typeof source === "object" && source !== null && ("ova" in source || "vm" in source)) return args;
  throw new pulumi.RunError(
    `VmFleet "${fleet}": source must say what its machines are made from: { ova: { ovaPath: "…" } } or { vm: "golden" }${
      pulumi.Resource.isInstance(source)
        ? ". A machine of this program is written in the same way: { vm: golden }"
        : ""
    }.`,
  );
}
