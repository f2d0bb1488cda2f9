/** The vim25 schema: types of its objects, and the table that encoders and decoders work from. */
export * from "./table.ts";
export type * from "./types.generated.ts";
export { API_VERSIONS } from "./vim25.generated.ts";
