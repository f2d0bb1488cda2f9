/** A host gets another name in the configuration, or `esxi:hosts` in place of `esxi:host`: nothing moves. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { closeHosts } from "../../../provider/runtime/host-pool.ts";
import { dispatch } from "../../../provider/runtime.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";

type Properties = Record<string, unknown>;

let host: SimulatedHost;
let other: SimulatedHost;

beforeEach(async () => {
  [host, other] = await Promise.all([SimulatedHost.start(), SimulatedHost.start()]);
});
afterEach(async () => {
  await closeHosts();
  await Promise.all([host.stop(), other.stop()]);
});

const access = ({ url, username, password, thumbprint }: SimulatedHost) => ({
  host: url,
  username,
  password,
  thumbprint,
});

/** @param hosts By name; "" is the host of `esxi:host`. */
const config = ({ "": only, ...hosts }: Readonly<Record<string, SimulatedHost>>) => {
  const named = Object.entries(hosts).map(([name, each]) => [name, access(each)]);
  const values: Readonly<Record<string, string>> = {
    "esxi:hosts": JSON.stringify(Object.fromEntries(named)),
    ...(only &&
      Object.fromEntries(Object.entries(access(only)).map(([key, value]) => [`esxi:${key}`, value]))),
  };
  return { get: (key: string) => values[key] };
};

const KINDS: readonly (readonly [kind: string, args: Properties])[] = [
  ["ScratchVm", { name: "web", memory: 64, powerOn: false }],
  ["PortGroup", { name: "lan", virtualSwitch: "vSwitch0" }],
];

test.each(KINDS)("a %s stays what and where it is", async (kind, args) => {
  const urn = `urn:pulumi:dev::lab::pulumi-nodejs:esxi:${kind}::it`;
  const checked = async (where: ReturnType<typeof config>, olds: Properties, name?: string) => {
    const news = { ...args, ...(name !== undefined && { host: name }), __urn: urn };
    const { inputs, failures } = (await dispatch(kind, "check", where, [olds, news])) as {
      inputs: Properties;
      failures: unknown;
    };
    expect(failures).toEqual([]);
    return inputs;
  };
  const first = config({ "": host });
  let inputs = await checked(first, {});
  const { id, outs } = (await dispatch(kind, "create", first, [inputs])) as { id: string; outs: Properties };
  let state = outs;
  // The same address under a name, and then under another name alone.
  for (const [where, name] of [
    [config({ "": host, lab1: host }), "lab1"],
    [config({ rack1: host, lab2: other }), "rack1"],
  ] as const) {
    const news = await checked(where, inputs, name);
    expect(await dispatch(kind, "diff", where, [id, state, news])).toMatchObject({
      changes: true,
      replaces: [],
    });
    ({ outs: state } = (await dispatch(kind, "update", where, [id, state, news])) as { outs: Properties });
    expect(state).toMatchObject({ host: name, hostUuid: host.simulator.hostUuid });
    expect(await dispatch(kind, "diff", where, [id, state, news])).toMatchObject({ changes: false });
    inputs = news;
  }
  // Another host is another host.
  const last = config({ rack1: host, lab2: other });
  const moved = await checked(last, inputs, "lab2");
  const diff = dispatch(kind, "diff", last, [id, state, moved]);
  if (kind === "ScratchVm")
    await expect(diff).rejects.toThrow("no machine is moved from one host to another");
  else expect(await diff).toMatchObject({ replaces: ["host"] });
  await dispatch(kind, "delete", last, [id, state]);
  await closeHosts();
  await host.expectEmpty();
});
