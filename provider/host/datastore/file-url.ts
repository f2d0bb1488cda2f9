import type { EsxiHost } from "../esxi-host.ts";
import type { DatastorePath } from "./datastore-path.ts";

/** The one datacenter of a host without vCenter. */
const DATACENTER = "ha-datacenter";

/** The address at which a host offers a file over HTTP. Hosts decode %20, and take a plus sign as it is. */
export function fileUrl(host: EsxiHost, { datastore, path }: DatastorePath): URL {
  const segments = path.split("/").map(encodeURIComponent).join("/");
  return new URL(
    `/folder/${segments}?dcPath=${DATACENTER}&dsName=${encodeURIComponent(datastore)}`,
    host.origin,
  );
}
