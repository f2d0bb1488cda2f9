import { createCipheriv, createHash, createHmac } from "node:crypto";
import { isObject, listOf, optionsOf } from "./given.ts";
import { HandOverError } from "./hand-over-error.ts";
import { quoted } from "./machine-record.ts";

/** How Guacamole reaches a machine. */
export interface GuacamoleConnection {
  readonly protocol: "rdp" | "ssh" | "telnet" | "vnc" | "kubernetes";
  /** Such as `hostname`, `port`, `username`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A person who logs in to Guacamole, and the person's connections by the names shown. */
export interface GuacamolePerson {
  readonly username: string;
  readonly connections: Readonly<Record<string, GuacamoleConnection>>;
}

/** A person with a password. */
export interface GuacamoleLogin extends GuacamolePerson {
  /** The file has only its SHA-256. */
  readonly password: string;
}

/** The settings of a link. */
export interface GuacamoleLinkOptions {
  /** The address of Guacamole, such as `https://desk.example/guacamole/`. */
  readonly url: string;
  /** `json-secret-key` of Guacamole's configuration: 32 hex digits. */
  readonly secretKey: string;
  /** When the link expires. */
  readonly expires: Date;
}

const MAPPING = "The user mapping for Guacamole";
const PERSON =
  '{ username: "ada", connections: { desk: { protocol: "vnc", parameters: { hostname: "10.0.0.5" } } } }';
const LINK = "The link to Guacamole";

/**
 * Guacamole's `user-mapping.xml`: people, their passwords as SHA-256, and their connections. Guacamole reads it again
 * at the next login. Parameters may hold passwords in clear text, so only Guacamole may read the file.
 *
 * @throws HandOverError for a duplicate name, or characters that XML cannot hold.
 * @see https://guacamole.apache.org/doc/gug/basic-auth.html
 */
export function guacamoleMapping(people: readonly GuacamoleLogin[]): string {
  for (const person of listOf(MAPPING, people, PERSON))
    checkPerson(MAPPING, person, ["username", "password"]);
  const names = people.map(({ username }) => username);
  const doubles = names.filter((name, index) => names.indexOf(name) !== index);
  const problems = doubles.map((name) => `${quoted(name)} is there twice`);
  const texts = people.flatMap(({ username, connections }) => [
    username,
    ...Object.entries(connections).flatMap(([name, { parameters }]) => [
      name,
      ...Object.entries(parameters).flat(),
    ]),
  ]);
  if (texts.some((text) => /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)))
    problems.push("a name or parameter has characters that XML cannot hold");
  if (problems.length > 0) throw new HandOverError(MAPPING, problems);
  const lines = people.flatMap(({ username, password, connections }) => [
    `  <authorize username="${xml(username)}" password="${sha256(password)}" encoding="sha256">`,
    ...Object.entries(connections).flatMap(([name, { protocol, parameters }]) => [
      `    <connection name="${xml(name)}">`,
      `      <protocol>${protocol}</protocol>`,
      ...Object.entries(parameters).map(
        ([key, value]) => `      <param name="${xml(key)}">${xml(value)}</param>`,
      ),
      "    </connection>",
    ]),
    "  </authorize>",
  ]);
  return ["<user-mapping>", ...lines, "</user-mapping>", ""].join("\n");
}

/**
 * A link that logs one person in until it expires. Nothing is stored in Guacamole (its extension auth-json). Everybody
 * who has the link can log in, so make it a secret.
 *
 * @throws HandOverError for an invalid key or address.
 * @see https://guacamole.apache.org/doc/gug/json-auth.html
 */
export function guacamoleLink(person: GuacamolePerson, options: GuacamoleLinkOptions): string {
  const { url = "", secretKey = "", expires } = optionsOf(LINK, options);
  for (const one of listOf(LINK, [person], PERSON)) checkPerson(LINK, one, ["username"]);
  const { username, connections } = person;
  const problems = [
    ...(/^[0-9a-f]{32}$/i.test(secretKey) ? [] : ["secretKey is not of 32 hex digits"]),
    ...(URL.canParse(url) ? [] : [`${quoted(url)} is no URL`]),
  ];
  if (!(expires instanceof Date) || Number.isNaN(expires.getTime()))
    problems.push("expires is no time, such as new Date()");
  if (problems.length > 0 || expires === undefined) throw new HandOverError(LINK, problems);
  const key = Buffer.from(secretKey, "hex");
  const json = Buffer.from(JSON.stringify({ username, expires: expires.getTime(), connections }));
  const signed = Buffer.concat([createHmac("sha256", key).update(json).digest(), json]);
  const cipher = createCipheriv("aes-128-cbc", key, Buffer.alloc(16));
  const data = Buffer.concat([cipher.update(signed), cipher.final()]).toString("base64");
  const link = new URL(url);
  link.searchParams.set("data", data);
  return link.href;
}

function checkPerson(what: string, person: GuacamolePerson, texts: readonly string[]): void {
  const problems = texts.flatMap((key) =>
    typeof Reflect.get(person, key) === "string"
      ? []
      : [`${key} must be a text, in a person such as ${PERSON}`],
  );
  const { connections } = person;
  const isWhole =
    isObject(connections) && Object.values(connections).every((one) => isObject(one?.parameters));
  if (!isWhole) problems.push(`connections must be an object, in a person such as ${PERSON}`);
  if (problems.length > 0) throw new HandOverError(what, problems);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

const xml = (text: string): string =>
  text.replace(/[&<>"\n\r\t]/g, (character) => ESCAPES[character] ?? character);
