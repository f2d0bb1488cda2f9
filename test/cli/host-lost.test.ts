import { cp } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failed, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { twoHosts, vmsOn } from "./two-hosts.ts";

/** A fleet by count over two hosts, its network, and a folder on the second host. */
const program = (further = "") => `import { DatastoreFolder, LabNetwork, VmFleet } from "pulumi-esxi-direct";
const hosts = ["lab1", "lab2"];
new LabNetwork("team", { hosts, virtualSwitch: "vSwitch0", vlanId: 210 });
new VmFleet("tp", {
  source: { ova: { ovaPath: ${JSON.stringify(tinyOva.path)} } },
  keys: ["alice", "bob", "carl", "dora"],
  places: hosts,
  placement: { by: "count" },
  settings: { powerOn: false },
});
${further}
`;

const FOLDER = 'new DatastoreFolder("iso", { host: "lab2", path: "iso" });';
const BY_ENVIRONMENT = { ESXI_LAB2_GONE: "true" };

test("a host that is lost for good is not contacted: what it had leaves the state, its machines are made elsewhere", {
  timeout: 300_000,
}, async (context) => {
  const { host: one, second: two, project } = await twoHosts(context);
  const state = project.stateFile();
  const left = async () => [...(await project.vmsInState()).keys()].sort();
  const onFirst = ["team-lab1", "tp-alice", "tp-base-lab1", "tp-carl"];
  await project.write("index.js", program(FOLDER));
  succeeded(await project.up());
  expect([vmsOn(one), vmsOn(two)]).toEqual([
    ["tp-alice", "tp-base-lab1", "tp-carl"],
    ["tp-base-lab2", "tp-bob", "tp-dora"],
  ]);
  const all = await left();

  // A refresh hears of it from the environment.
  await cp(state, join(project.folder, "kept.json"));
  const { port } = new URL(two.url);
  await two.simulator.stop();
  expect(failed(await project.refresh()).output).toContain("lab2");
  expect(await left()).toEqual(all);
  succeeded(await project.refresh(BY_ENVIRONMENT));
  expect(await left()).toEqual([...onFirst, "tp-placement"]);
  await cp(join(project.folder, "kept.json"), state);

  await two.moveTo(Number(port), two.password);
  await project.must(["config", "set", "--path", "esxi:hosts.lab2.gone", "true"]);
  // It would answer: that it is not asked can be counted.
  two.simulator.requests.clear();
  const refused = failed(await project.preview());
  expect(refused.output).toMatch(
    /lab2 is lost for good \(esxi:hosts\.lab2\.gone\).*Name another host, or take/,
  );

  await project.write("index.js", program());
  const { steps, diagnostics } = succeeded(await project.up());
  const told = diagnostics.map(({ message }) => message);
  expect(told).toContainEqual(
    expect.stringMatching(/^lost for good: lab2\. Machines that were there are made anew/),
  );
  expect(told).toContainEqual(expect.stringMatching(/^0 new, bob, dora moved: 2 to lab1.*2 stay/));
  expect(told).toContainEqual(expect.stringMatching(/^make anew, because its host is lost for good: host/));
  expect(told).toContain("its host is lost for good: it leaves the state, and nobody contacts the host");
  expect(steps).toMatchObject({
    replace: ["tp-bob", "tp-dora"],
    delete: ["iso", "team-lab2", "tp-base-lab2"],
    update: ["tp-placement"],
    same: onFirst,
  });
  expect(two.simulator.requests.count()).toBe(0);
  expect(vmsOn(one)).toEqual(["tp-alice", "tp-base-lab1", "tp-bob", "tp-carl", "tp-dora"]);
  succeeded(await project.start("preview", { args: ["--expect-no-changes"] }).result);

  // So does a destroy.
  await project.must(["config", "rm", "--path", "esxi:hosts.lab2.gone"]);
  await two.simulator.stop();
  succeeded(await project.destroy(BY_ENVIRONMENT));
  await one.expectEmpty();
});
