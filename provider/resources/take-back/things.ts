import type { Thing } from "../../host/marks/thing-marks.ts";

/**
 * Names in marks of things that lie on no datastore. Those who write a mark and those who only ask must use the same
 * name.
 */
export const portGroupThing = (name: string): Thing => ({ kind: "PortGroup", name });

export const virtualSwitchThing = (name: string): Thing => ({ kind: "VirtualSwitch", name });

/** A pool has an id that stays. */
export const poolThing = (id: string): Thing => ({ kind: "ResourcePool", name: id });

/** A pool that has no id yet, because it is only being made. */
export const poolDraftThing = (parentId: string, name: string): Thing => poolThing(`${parentId}/${name}`);
