import { gzipSync } from "node:zlib";
import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { CLOUD_CONFIG, metaData as identityIn, networkOf, vendorData } from "../../../guest/documents.ts";
import { asYaml } from "../../../guest/yaml.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { byNames, text, textsByName, unknownSetting } from "../../inputs/setting-forms.ts";
import { keysSaidTwice, networkConfigRules } from "./guest-documents.ts";
import { guestIdentity } from "./guest-identity.ts";
import type { GuestIdentityArgs } from "./guest-identity-args.ts";
import { checksOf, type Theme } from "./setting.ts";
import { sshKey } from "./ssh-key.ts";

/** A document for the guest: a text, or a value that is written as JSON, which every YAML reader understands. */
export type GuestDocument = string | Record<string, unknown>;

/**
 * The data that cloud-init's VMware data source finds at the guest's first boot. Always kept as a secret.
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html
 */
export interface CloudInitArgs {
  /**
   * User data: a text that begins with `#cloud-config` or another head that cloud-init knows, or a value, which is
   * written as a `#cloud-config`: `{ packages: ["nginx"] }`.
   */
  userData?: pulumi.Input<GuestDocument> | undefined;
  /** Metadata: `instance-id`, `local-hostname` and so on. For example `{ "local-hostname": "web" }`. */
  metaData?: pulumi.Input<GuestDocument> | undefined;
  /**
   * Network configuration with its `version`, 1 or 2. It is sent inside the metadata, which then cannot be a text. For
   * example `{ version: 2, ethernets: { ens192: { dhcp4: true } } }`.
   */
  networkConfig?: pulumi.Input<GuestDocument> | undefined;
}

/** Settings that the guest reads, through VMware Tools, at its next boot. */
export interface GuestArgs {
  /**
   * Advanced settings by key, as in the .vmx file, also `guestinfo.*`. Changed in place. A key that is taken out here
   * is removed from the VM. Keys that are not named here are not touched. Wrap secrets in `pulumi.secret`. For example
   * `{ "disk.EnableUUID": "TRUE" }`.
   */
  extraConfig?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Host name, addresses, users and so on, for guests with cloud-init. Always kept as a secret. Not allowed together
   * with `ignition`, and `cloudInit` must not set the same. Changed in place. The guest takes another host name at its
   * next boot, and with `networkAtEveryBoot` other addresses too. It reads everything else only at its first boot. For
   * example `{ hostname: "web", interfaces: [{ addresses: ["10.44.3.17/24"], gateway: "10.44.3.1" }] }`.
   */
  guest?: pulumi.Input<GuestIdentityArgs> | undefined;
  /**
   * Values for the guest by name: `vmtoolsd --cmd "info-get guestinfo.hostname"` prints `hostname`. Changed in place. A
   * name that is taken out here is removed. The guest may change its own values, and that is no difference. Wrap
   * secrets in `pulumi.secret`. For example `{ hostname: "web" }`.
   */
  guestInfo?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Data for cloud-init. Changed in place. Most guests read it only at their first boot. For example
   * `{ userData: { packages: ["nginx"] } }`.
   */
  cloudInit?: pulumi.Input<CloudInitArgs> | undefined;
  /**
   * A configuration for Ignition (Fedora CoreOS, Flatcar), always kept as a secret. Changed in place. The guest reads
   * it only at its first boot. For example `{ ignition: { version: "3.4.0" } }`.
   */
  ignition?: pulumi.Input<GuestDocument> | undefined;
  /**
   * Public SSH keys, as in `authorized_keys`, for the guest's default user. Cloud-init installs them. For example
   * `["ssh-ed25519 AAAA… me"]`.
   */
  sshAuthorizedKeys?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/** A longer value is compressed. */
const PLAIN_LIMIT = 65_536;
/** VMware Tools do not pass longer values to a guest. */
const VALUE_LIMIT = 1_048_576;

const document = v.union(
  [v.pipe(text, v.nonEmpty("must not be empty")), byNames(v.unknown(), "{ … }")],
  "must be a text, or a value that is written as JSON",
);

/**
 * Check, cost and preview of each setting.
 * @internal
 */
export const guest = {
  extraConfig: { check: v.optional(textsByName()), told: "keys", emptyIsNone: true },
  guestInfo: {
    check: v.optional(
      textsByName(
        v.pipe(
          v.string(),
          v.regex(
            /^(?!guestinfo\.)[\w.:-]+$/i,
            "must be a name of letters, digits and . - _ without guestinfo.",
          ),
        ),
      ),
    ),
    cost: "inPlace",
    told: "keys",
  },
  cloudInit: {
    check: v.optional(
      v.strictObject(
        {
          userData: v.optional(document),
          metaData: v.optional(document),
          networkConfig: v.optional(document),
        },
        unknownSetting,
      ),
    ),
    cost: "inPlace",
    told: "name",
    hasDefault: true,
  },
  ignition: {
    check: v.optional(document),
    cost: "inPlace",
    told: "name",
    hasDefault: true,
  },
  sshAuthorizedKeys: {
    check: v.optional(v.array(sshKey, "must be a list")),
    cost: "inPlace",
    told: "name",
    hasDefault: true,
  },
  guest: {
    check: guestIdentity,
    cost: "inPlace",
    told: "partNames",
    hasDefault: true,
  },
} satisfies Theme<GuestArgs>;

const { extraConfig: _, ...guestEntries } = checksOf(guest);

/** The facts about the machine's adapters that the guest gets. */
interface AdapterSettings {
  readonly networkInterfaces?: readonly { readonly macAddress?: string | undefined }[] | undefined;
}

type GuestSettings = v.InferOutput<v.ObjectSchema<typeof guestEntries, undefined>> & AdapterSettings;
type Document = NonNullable<GuestSettings["ignition"]>;

/**
 * Guest settings that contradict each other, or that are too long.
 * @internal
 */
export function guestRules(inputs: Properties): CheckFailure[] {
  const settings = v.safeParse(v.object(guestEntries), inputs);
  if (!settings.success) return [];
  const { cloudInit, sshAuthorizedKeys, guestInfo, ignition } = settings.output;
  const failures = [...networkConfigRules(inputs), ...keysSaidTwice(inputs)];
  const addsToMetaData = cloudInit?.networkConfig !== undefined || sshAuthorizedKeys !== undefined;
  if (typeof cloudInit?.metaData === "string" && addsToMetaData) {
    const which = cloudInit.networkConfig === undefined ? "sshAuthorizedKeys" : "cloudInit.networkConfig";
    failures.push({
      property: "cloudInit.metaData",
      reason: `must be an object and not a text, because ${which} is added to it`,
    });
  }
  const setBy: Record<string, string> = {
    "guestinfo.userdata": "cloudInit.userData",
    "guestinfo.metadata": "cloudInit.metaData",
    "guestinfo.vendordata": "guest",
    "guestinfo.ignition.config.data": "ignition",
  };
  for (const key of Object.keys(guestInfo ?? {})) {
    const other = setBy[`guestinfo.${key.toLowerCase()}`];
    if (other === undefined || (cloudInit ?? sshAuthorizedKeys ?? ignition) === undefined) continue;
    failures.push({
      property: `guestInfo.${key}`,
      reason: `is also written by ${other}: use one of the two`,
    });
  }
  if (failures.length > 0) return failures;
  for (const [key, value] of Object.entries(guestKeys(settings.output))) {
    if (value.length <= VALUE_LIMIT) continue;
    failures.push({
      property: setBy[key] ?? `guestInfo.${key.replace("guestinfo.", "")}`,
      reason: `is too long: VMware Tools pass at most 1 MiB to a guest, and this takes ${value.length} bytes`,
    });
  }
  return failures;
}

/**
 * The advanced settings that pass all of this to the guest.
 * @internal
 */
export function guestKeys(settings: GuestSettings): Record<string, string> {
  const { guestInfo, cloudInit, ignition, guest = {} } = settings;
  const plain = Object.entries(guestInfo ?? {}).map(([key, value]) => [`guestinfo.${key}`, value] as const);
  return {
    ...Object.fromEntries(plain),
    ...encoded("guestinfo.userdata", withHead(cloudInit?.userData)),
    ...encoded("guestinfo.metadata", metaDataOf(settings)),
    ...encoded("guestinfo.vendordata", vendorData(guest)),
    ...encoded("guestinfo.ignition.config.data", ignition),
  };
}

const withHead = (userData: Document | undefined) =>
  typeof userData === "object" ? `${CLOUD_CONFIG}${textOf(userData)}` : userData;

function metaDataOf(settings: GuestSettings): Document | undefined {
  const { cloudInit, sshAuthorizedKeys, guest = {}, networkInterfaces = [] } = settings;
  const { metaData } = cloudInit ?? {};
  const macAddresses = networkInterfaces.map(({ macAddress }) => macAddress);
  const networkConfig = networkOf(guest, macAddresses) ?? cloudInit?.networkConfig;
  const added = {
    ...identityIn(guest),
    ...(networkConfig !== undefined && {
      network: Buffer.from(textOf(networkConfig)).toString("base64"),
      "network.encoding": "base64",
    }),
    ...(sshAuthorizedKeys !== undefined && { "public-keys": sshAuthorizedKeys }),
  };
  return Object.keys(added).length === 0
    ? metaData
    : { ...(typeof metaData === "object" && metaData), ...added };
}

/** Two keys: the value, and how it is encoded. */
function encoded(key: string, document: Document | undefined): Record<string, string> {
  if (document === undefined) return {};
  const bytes = Buffer.from(textOf(document));
  const plain = bytes.toString("base64");
  if (plain.length <= PLAIN_LIMIT) return { [key]: plain, [`${key}.encoding`]: "base64" };
  return { [key]: gzipSync(bytes).toString("base64"), [`${key}.encoding`]: "gzip+base64" };
}

const textOf = (document: object | string) => (typeof document === "string" ? document : asYaml(document));
