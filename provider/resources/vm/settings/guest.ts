import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { CLOUD_CONFIG, metaData as identityIn, networkOf, vendorData } from "../../../guest/documents.ts";
import { asYaml } from "../../../guest/yaml.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { text, textsByName, unknownSetting } from "../../inputs/setting-forms.ts";
import { keysSaidTwice, networkConfigRules } from "./guest-documents.ts";
import { guestIdentity } from "./guest-identity.ts";
import { sshKey } from "./ssh-key.ts";

/** What does not fit into this many characters is compressed. */
const PLAIN_LIMIT = 65_536;
/** VMware Tools hand a guest no longer value. */
const VALUE_LIMIT = 1_048_576;

const document = v.union(
  [v.pipe(text, v.nonEmpty("must not be empty")), v.record(v.string(), v.unknown())],
  "must be a text, or a value that is written as JSON",
);

/** Settings that the guest reads. */
export const guestEntries = {
  guestInfo: v.optional(
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
  cloudInit: v.optional(
    v.strictObject(
      {
        userData: v.optional(document),
        metaData: v.optional(document),
        networkConfig: v.optional(document),
      },
      unknownSetting,
    ),
  ),
  ignition: v.optional(document),
  sshAuthorizedKeys: v.optional(v.array(sshKey, "must be a list")),
  guest: guestIdentity,
};

/** What of the machine's adapters the guest is told. */
interface AdapterSettings {
  readonly networkInterfaces?: readonly { readonly macAddress?: string | undefined }[] | undefined;
}

type GuestSettings = v.InferOutput<v.ObjectSchema<typeof guestEntries, undefined>> & AdapterSettings;
type Document = NonNullable<GuestSettings["ignition"]>;

/** What of the guest's settings does not go together, or is too long to arrive. */
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
    failures.push({ property: `guestInfo.${key}`, reason: `is what ${other} writes: use one of the two` });
  }
  if (failures.length > 0) return failures;
  for (const [key, value] of Object.entries(guestKeys(settings.output))) {
    if (value.length <= VALUE_LIMIT) continue;
    failures.push({
      property: setBy[key] ?? `guestInfo.${key.replace("guestinfo.", "")}`,
      reason: `is too long: VMware Tools hand a guest at most 1 MiB, and this takes ${value.length} bytes`,
    });
  }
  return failures;
}

/** The advanced settings by which the guest gets to know all that. */
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

/** A value and how it is encoded, in two keys. */
function encoded(key: string, document: Document | undefined): Record<string, string> {
  if (document === undefined) return {};
  const bytes = Buffer.from(textOf(document));
  const plain = bytes.toString("base64");
  if (plain.length <= PLAIN_LIMIT) return { [key]: plain, [`${key}.encoding`]: "base64" };
  return { [key]: gzipSync(bytes).toString("base64"), [`${key}.encoding`]: "gzip+base64" };
}

const textOf = (document: object | string) => (typeof document === "string" ? document : asYaml(document));
