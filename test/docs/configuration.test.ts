/** docs/configuration.md names every key, and the defaults that the code has. */
import { expect, test } from "vitest";
import { ESXI_KEYS } from "../../provider/configuration-keys.ts";
import { hostSettings } from "../../provider/runtime/stack-configuration.ts";
import { DEFAULT_CHANNELS } from "../../provider/ssh/connection.ts";
import { pages, readPage } from "./fences.ts";

const PAGE = "docs/configuration.md";
const KEY = /(?<![\w:-])esxi:([a-zA-Z]+)\b/g;
const KNOWN = ESXI_KEYS;

test("every key of the configuration is on its page", () => {
  const rows = readPage(PAGE).match(/^\| `esxi:.*$/gm) ?? [];
  const named = new Set(rows.flatMap((row) => [...row.matchAll(KEY)].map(([, key]) => key)));
  const several = /^## Several hosts$/m.test(readPage(PAGE)) ? ["hosts"] : [];
  expect(
    KNOWN.filter((key) => !named.has(key) && !several.includes(key)),
    `tables of ${PAGE} have no row for these keys`,
  ).toEqual([]);
});

test("no page names a key that nothing reads", () => {
  for (const page of pages) {
    const named = new Set([...readPage(page).matchAll(KEY)].map(([, key = ""]) => key));
    expect(
      [...named].filter((key) => !KNOWN.includes(key)),
      `${page} names keys that nothing reads`,
    ).toEqual([]);
  }
});

test("the defaults on the page are those of the code", () => {
  const required = { "esxi:host": "a.invalid", "esxi:username": "root", "esxi:password": "secret" };
  const config = { get: (key: string) => (required as Record<string, string>)[key] };
  const { ssh, insecure, ...settings } = hostSettings(config, undefined, {});
  const values: Record<string, unknown> = {
    maxTransfers: settings.maxTransfers,
    maxCopies: settings.maxCopies,
    maxTasks: settings.maxTasks,
    maxCalls: settings.maxCalls,
    bootSeconds: settings.bootSeconds,
    transport: settings.transport,
    sshHotChanges: settings.sshHotChanges,
    insecure,
    sshPort: ssh?.port,
    sshMaxChannels: ssh?.maxChannels ?? DEFAULT_CHANNELS,
    sshTrustOnFirstUse: ssh?.hostKey.trustOnFirstUse,
  };
  for (const [key, value] of Object.entries(values)) {
    const row = readPage(PAGE)
      .split("\n")
      .find((line) => line.startsWith(`| \`esxi:${key}\``));
    const last = row?.split("|").at(-2)?.trim();
    expect(last, `default of esxi:${key} on ${PAGE}`).toBe(`\`${value}\``);
  }
});
