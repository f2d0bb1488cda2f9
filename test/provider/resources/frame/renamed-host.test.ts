import { describe, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { Context } from "../../../../provider/resources/frame/lifecycle.ts";
import { isRenamedHost, namesAnotherHost } from "../../../../provider/resources/frame/renamed-host.ts";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";

const hostWith = (facts: () => Promise<unknown>) => ({ facts }) as EsxiHost;
const first = hostWith(async () => ({ hostUuid: "first" }));
const second = hostWith(async () => ({ hostUuid: "second" }));
const silent = hostWith(async () => {
  throw new Error("no answer");
});

/** What the configuration has: hosts by name. "" is the host of `esxi:host`. */
const configured = (hosts: Readonly<Record<string, EsxiHost>>): Context => ({
  progress: { status() {}, info() {}, warn() {} },
  signal: new AbortController().signal,
  projectFolder: "/",
  host(name = "") {
    const host = hosts[name];
    if (host === undefined) throw new Error(`No host "${name}" in the configuration.`);
    return host;
  },
});

const OLDS = { host: "old", hostUuid: "first" };
const NEWS = { host: "new" };

describe("a resource whose host has another name in the program", () => {
  test.each([
    ["is on another host, if the configuration has both", { old: first, new: second }, true, false],
    ["stays, if both names have one address", { old: first, new: first }, false, true],
    ["stays, if both have one address at which nobody answers", { old: silent, new: silent }, false, true],
    [
      "stays, if the configuration has only the new name, and that host is the same",
      { new: first },
      false,
      true,
    ],
    [
      "does not stay, if the configuration has only the new name, of another host",
      { new: second },
      false,
      false,
    ],
    ["is not said to stay, while the host of the new name does not answer", { new: silent }, false, false],
    ["is on another host, if the configuration has only the old name", { old: first }, true, false],
    ["is neither, if the configuration has none of the names", {}, false, false],
  ])("%s", async (_, hosts, isOther, stays) => {
    expect(namesAnotherHost(OLDS, NEWS, configured(hosts))).toBe(isOther);
    expect(await isRenamedHost(OLDS, NEWS, configured(hosts))).toBe(stays);
  });

  test("counts the host of esxi:host as one without a name", async () => {
    const context = configured({ "": first, new: first });
    expect(namesAnotherHost({ hostUuid: "first" }, NEWS, context)).toBe(false);
    expect(await isRenamedHost({ hostUuid: "first" }, NEWS, context)).toBe(true);
    expect(await isRenamedHost(OLDS, { host: "" }, configured({ "": first }))).toBe(true);
  });
});

test("a resource whose host keeps its name is on no other, whatever answers there", async () => {
  for (const hosts of [{ old: second }, { old: silent }, {}]) {
    expect(namesAnotherHost(OLDS, { host: "old" }, configured(hosts))).toBe(false);
    expect(await isRenamedHost(OLDS, { host: "old" }, configured(hosts))).toBe(false);
  }
});

test("a host that a preview does not know yet may be another", async () => {
  for (const context of [configured({ old: first }), configured({})]) {
    expect(namesAnotherHost(OLDS, { host: UNKNOWN }, context)).toBe(true);
    expect(await isRenamedHost(OLDS, { host: UNKNOWN }, context)).toBe(false);
  }
});
