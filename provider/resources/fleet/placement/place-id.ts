/** A place of machines: a host, or a datastore of a host. */
export interface HostAndDatastore {
  readonly host?: string | undefined;
  readonly datastore?: string | undefined;
}

/** The name of a place in messages and state: `lab1`, `lab1/ssd`. `esxi:host` is the host of that key. */
export function placeId({ host = "esxi:host", datastore }: HostAndDatastore): string {
  return datastore === undefined ? host : `${host}/${datastore}`;
}
