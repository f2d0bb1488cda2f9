import { annotation } from "./annotation.ts";
import { extraConfig } from "./extra-config.ts";
import type { Facet } from "./facet.ts";
import { networkInterfaces } from "./network-interfaces.ts";
import { memory, numCoresPerSocket, numCpus } from "./size.ts";

/** Facets that can be told of a machine that does not exist yet. */
export const CONFIG_FACETS = {
  numCpus,
  numCoresPerSocket,
  memory,
  annotation,
  extraConfig,
};

/** Facets that build on the devices which the machine has. */
export const DEVICE_FACETS = {
  networkInterfaces,
};

type Wishes<Facets> = {
  readonly [K in keyof Facets]?: (Facets[K] extends Facet<infer Wish> ? Wish : never) | undefined;
};

/** What of a machine that does not exist yet is to differ from what it is made from. */
export type ConfigWishes = Wishes<typeof CONFIG_FACETS>;

/** What a machine is to be like; what is left out stays as it is. */
export type VmWishes = ConfigWishes & Wishes<typeof DEVICE_FACETS>;
