import type { Thing } from "../../host/marks/thing-marks.ts";

/** Under what names marks tell of what lies on no datastore: who writes them and who only asks must name it alike. */
export const portGroupThing = (name: string): Thing => ({ kind: "PortGroup", name });

export const virtualSwitchThing = (name: string): Thing => ({ kind: "VirtualSwitch", name });

/** A pool has an id that stays. */
export const poolThing = (id: string): Thing => ({ kind: "ResourcePool", name: id });

/** A pool that has no id yet, because it is only being made. */
export const poolDraftThing = (parentId: string, name: string): Thing => poolThing(`${parentId}/${name}`);
