/** What the page quotes of errors is what they say. Pulumi's own are not ours to hold. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { dispatch } from "../../provider/runtime.ts";
import { HOST_MISTAKES, MISTAKES } from "../provider/resources/mistakes.ts";
import { connectTo } from "../support/esxi-host.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { sectionOf, wholePage } from "./markdown.ts";

const PAGE = "docs/guides/troubleshooting.md";
const SECTIONS = ["Reaching the host", "What the program says", "The OVA", "What the host has"];

let host: SimulatedHost;

beforeAll(async () => {
  host = await SimulatedHost.start();
});

afterAll(() => host.stop());

/** What `pulumi` says with that configuration before it asks a host. */
async function checked(values: Readonly<Record<string, string>>, args: object = {}): Promise<string> {
  const config = { get: (key: string) => values[key] };
  const { failures } = (await dispatch("ScratchVm", "check", config, [{}, { name: "vm", ...args }])) as {
    failures: { reason: string }[];
  };
  return failures.map(({ reason }) => reason).join("\n");
}

/** What a host says that is reached in another way than it should be. */
async function asked(
  access: Partial<Pick<SimulatedHost, "url" | "password" | "thumbprint">>,
): Promise<string> {
  const { url, username, password, thumbprint } = host;
  const client = connectTo({ url, username, password, thumbprint, ...access });
  const error = await client.facts().catch((caught: unknown) => caught);
  await client.close();
  return String(error);
}

async function allSaid(): Promise<string[]> {
  const configured = { "esxi:host": "esxi.invalid", "esxi:username": "root", "esxi:password": "x" };
  return [
    ...[...MISTAKES, ...HOST_MISTAKES].flatMap(({ says }) => says),
    await checked({}),
    await checked(configured, { host: "lab7" }),
    await checked({ ...configured, "esxi:host": "http://esxi.invalid" }),
    await asked({ url: "https://esxi.invalid" }),
    await asked({ url: "https://127.0.0.1:1" }),
    await asked({ thumbprint: "00".repeat(32) }),
    await asked({ password: "another" }),
  ];
}

test("every error that the page quotes is one that people get", async () => {
  const said = await allSaid();
  const quoted = SECTIONS.flatMap((heading) => {
    const rows = sectionOf(wholePage(PAGE), heading)?.text.match(/^\| `.*$/gm) ?? [];
    expect(rows, heading).not.toEqual([]);
    return rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? row);
  });
  const patterns = quoted.map((text) => ({
    text,
    pattern: new RegExp(text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&").replaceAll("…", ".+")),
  }));
  const nobodys = patterns.filter(({ pattern }) => !said.some((each) => pattern.test(each)));
  expect(nobodys.map(({ text }) => text)).toEqual([]);
});
