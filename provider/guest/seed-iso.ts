import { isoImage } from "../iso/image.ts";
import { CLOUD_CONFIG, metaData, networkOf, vendorData } from "./documents.ts";
import type { GuestIdentity, GuestInterface, GuestUser } from "./identity.ts";
import { addressOfMac, macOf } from "./mac-address.ts";
import { saltFor, sha512Crypt } from "./sha512-crypt.ts";
import { asYaml } from "./yaml.ts";

/** Guests recognize the image by this label. */
const LABEL = "cidata";

/** A user in a seed. Its password may be given in clear text, and only the hash is in the seed. */
export interface SeedUser extends GuestUser {
  readonly password?: string | undefined;
}

/** The identity of a guest, as in `guest` of a virtual machine, with plain values only. */
export interface SeedGuest extends Omit<GuestIdentity, "users"> {
  readonly users?: readonly SeedUser[] | undefined;
}

/** The content of a seed. */
export interface SeedContent {
  /** The guest's identity. For example `{ hostname: "web" }`. */
  readonly guest?: SeedGuest | undefined;
  /**
   * MAC addresses of its adapters, in the order of `guest.interfaces`. Default: those that `macOf` makes of their addresses.
   * For example `["00:50:56:2c:03:11"]`.
   */
  readonly macAddresses?: readonly (string | undefined)[] | undefined;
  /** Public SSH keys for the image's own user. For example `["ssh-ed25519 AAAA… me"]`. */
  readonly sshAuthorizedKeys?: readonly string[] | undefined;
  /**
   * User data: a text with its head, or a value, which is written as a `#cloud-config`. For example
   * `{ packages: ["nginx"] }`.
   */
  readonly userData?: string | Readonly<Record<string, unknown>> | undefined;
  /**
   * Further metadata. Default: an `instance-id` that is always the same. With another one, a guest that has booted
   * treats all of it as its first boot again. For example `{ "instance-id": "web-2" }`.
   */
  readonly metaData?: Readonly<Record<string, unknown>> | undefined;
  /**
   * A network configuration with its `version`, instead of `guest.interfaces`. For example
   * `{ version: 2, ethernets: { ens192: { dhcp4: true } } }`.
   */
  readonly networkConfig?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * An ISO image of some 60 KB that tells a guest who it is: for cloud-init's data source *NoCloud*, and FreeBSD's nuageinit,
 * where there is no data source *VMware*. It is put on a datastore by a `DatastoreFile` (`content`), and into a drive by
 * `cdroms`. The same content gives the same bytes.
 *
 * @throws RangeError for what is no object.
 * @throws TypeError for an interface without an address and without a MAC address.
 * @example
 * ```ts
 * const seed = new DatastoreFile("web-seed", {
 *   path: "seeds/web.iso",
 *   content: seedIso({ guest: { hostname: "web" } }),
 * });
 * ```
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
 */
export function seedIso(seed: SeedContent): Uint8Array {
  // A JavaScript program may give anything.
  const given: unknown = seed;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new RangeError('What a seed holds must be an object such as { guest: { hostname: "web" } }.');
  const guest = withHashes(seed.guest ?? {});
  const network = seed.networkConfig ?? networkOf(guest, macsOf(guest, seed.macAddresses));
  const identity = vendorData(guest);
  const userData = textOf(seed.userData);
  const { "local-hostname": hostname } = metaData(guest);
  return isoImage(LABEL, {
    "meta-data": asYaml({
      "instance-id": "seed",
      ...(hostname !== undefined && { "local-hostname": hostname }),
      ...(seed.sshAuthorizedKeys !== undefined && { "public-keys": seed.sshAuthorizedKeys }),
      ...seed.metaData,
    }),
    // Without user data of its own, because nuageinit reads no vendor data.
    "user-data": userData ?? identity ?? `${CLOUD_CONFIG}{}`,
    ...(userData !== undefined && identity !== undefined && { "vendor-data": identity }),
    ...(network !== undefined && { "network-config": asYaml(network) }),
  });
}

function withHashes({ users, ...guest }: SeedGuest): GuestIdentity {
  if (users === undefined) return guest;
  return {
    ...guest,
    users: users.map(({ password, ...user }) =>
      password === undefined
        ? user
        : { ...user, passwordHash: sha512Crypt(password, saltFor(JSON.stringify([LABEL, user.name]))) },
    ),
  };
}

function macsOf({ interfaces = [] }: GuestIdentity, given: SeedContent["macAddresses"] = []): string[] {
  return interfaces.map((each, index) => given[index] ?? macFor(each, index));
}

function macFor({ addresses = [] }: GuestInterface, index: number): string {
  const first = addressOfMac(addresses);
  if (first !== undefined) return macOf(first);
  throw new TypeError(
    `The guest knows its adapter by its MAC address, and guest.interfaces[${index}] has no address to make one of: ` +
      "name it in macAddresses.",
  );
}

const textOf = (document: SeedContent["userData"]): string | undefined =>
  typeof document === "object" ? `${CLOUD_CONFIG}${asYaml(document)}` : document;
