/** Hosts with machines and files of strangers, and programs that run beside them, as chance chooses. */
import fc from "fast-check";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";

/** What a program of ours has, by the name of the resource. */
export type Who = "a" | "c" | "shelf" | "iso";

/** What goes wrong while a resource is made, changed or deleted. */
export type Mishap =
  | { readonly kind: "killed"; readonly change: number; readonly moment: "before" | "after" }
  | { readonly kind: "lost"; readonly change: number }
  | { readonly kind: "full"; readonly change: number }
  | { readonly kind: "away"; readonly datastore: string; readonly isListed: boolean };

export type Step =
  | {
      readonly kind: "up";
      readonly who: Who;
      readonly settings: Properties;
      readonly mishap: Mishap | undefined;
    }
  | { readonly kind: "down"; readonly who: Who; readonly mishap: Mishap | undefined }
  | { readonly kind: "stranger"; readonly act: Act };

/** What a stranger does; `disk` says which of our machine's disks, by number. */
export type Act =
  | {
      readonly does:
        | "builds on"
        | "attaches"
        | "keeps in a snapshot"
        | "builds on unseen"
        | "builds on unregistered"
        | "attaches unregistered";
      readonly of: "a" | "c";
      readonly disk: number;
    }
  | { readonly does: "mounts our image" }
  | { readonly does: "links again" }
  | { readonly does: "copies our machine by hand"; readonly of: "a" | "c" }
  | { readonly does: "takes a snapshot of our machine"; readonly of: "a" | "c" }
  | { readonly does: "gives our machine a disk"; readonly of: "a" | "c" }
  | { readonly does: "puts files into"; readonly folder: string }
  | { readonly does: "makes an empty folder"; readonly folder: string }
  | { readonly does: "makes a machine in"; readonly folder: string }
  | { readonly does: "makes unreadable"; readonly tells: "everything" | "path" };

/** A disk that all strangers' hosts have from the beginning, in a machine that is off. */
const THEIR_DISK = "[datastore1] s0/s0_1.vmdk";

const PLACE = { datastore: "datastore1" };
const power = fc.constantFrom(false, false, false, true);
const SYSTEM = { label: "system", size: 0.001 };
const DATA = { label: "data", size: 0.001 };

const scratch = fc
  .record({
    data: fc.constantFrom(
      undefined,
      DATA,
      { ...DATA, size: 0.002 },
      { ...DATA, datastore: "datastore2" },
      { ...DATA, datastore: "datastore2", size: 0.002 },
      { ...DATA, keepOnRemove: true },
    ),
    borrowed: fc.constantFrom(undefined, undefined, { label: "borrowed", attach: THEIR_DISK }),
    memory: fc.constantFrom(64, 128),
    powerOn: power,
  })
  .map(({ data, borrowed, memory, powerOn }) => ({
    ...PLACE,
    name: "a",
    memory,
    powerOn,
    disks: [SYSTEM, data, borrowed].filter((disk) => disk !== undefined),
  }));

const clone = fc
  .record({
    source: fc.constantFrom("a", "s0"),
    way: fc.constantFrom<Properties>(
      { mode: "full" },
      { mode: "linked" },
      { mode: "linked" },
      { mode: "full", poweredOnSource: "snapshot" },
      { mode: "full", transport: "ssh" },
      { mode: "full", transport: "ssh", poweredOnSource: "snapshot" },
    ),
    folder: fc.constantFrom(undefined, "data", "labs/c"),
    powerOn: power,
  })
  .map(({ folder, source, way, powerOn }) => ({
    ...PLACE,
    name: "c",
    source,
    powerOn,
    ...way,
    ...(folder && { folder }),
  }));

const shelf = fc.record({
  path: fc.constant("shelf"),
  datastore: fc.constant("datastore1"),
  forceDestroy: fc.boolean(),
});

const iso = fc.record({
  path: fc.constant("shelf/x.iso"),
  datastore: fc.constant("datastore1"),
  source: fc.constantFrom("one.iso", "two.iso"),
});

const change = fc.integer({ min: 1, max: 9 });
const mishap: fc.Arbitrary<Mishap | undefined> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("killed" as const),
      change,
      moment: fc.constantFrom("before" as const, "after" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lost" as const), change }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("full" as const), change }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("away" as const),
      datastore: fc.constantFrom("datastore1", "datastore2", "datastore2"),
      isListed: fc.boolean(),
    }),
  },
);

const up = (who: Who, settings: fc.Arbitrary<Properties>): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant("up" as const), who: fc.constant(who), settings, mishap });

const of = fc.constantFrom("a" as const, "a" as const, "c" as const);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom(
        "builds on" as const,
        "attaches" as const,
        "keeps in a snapshot" as const,
        "builds on unseen" as const,
        "builds on unregistered" as const,
        "attaches unregistered" as const,
      ),
      of,
      disk: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("links again" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("mounts our image" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("copies our machine by hand" as const), of }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("takes a snapshot of our machine" as const), of }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("gives our machine a disk" as const), of }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("puts files into" as const),
      folder: fc.constantFrom("data", "labs/c", "c", "a"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("makes an empty folder" as const),
      folder: fc.constantFrom("data", "labs/c"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("makes a machine in" as const),
      folder: fc.constantFrom("data", "shelf/theirs", "a"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("makes unreadable" as const),
      tells: fc.constantFrom("everything" as const, "path" as const),
    }),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: up("a", scratch) },
  { weight: 4, arbitrary: up("c", clone) },
  { weight: 1, arbitrary: up("shelf", shelf) },
  { weight: 1, arbitrary: up("iso", iso) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("down" as const),
      who: fc.constantFrom("a" as const, "c" as const, "shelf" as const, "iso" as const),
      mishap,
    }),
  },
  { weight: 6, arbitrary: act.map((act): Step => ({ kind: "stranger", act })) },
);

/** A program of ours in the making, with what strangers do in between. */
export const steps: fc.Arbitrary<readonly Step[]> = fc
  .tuple(up("a", scratch), fc.array(step, { minLength: 2, maxLength: 7 }))
  .map(([first, rest]) => [{ ...first, mishap: undefined }, ...rest]);
