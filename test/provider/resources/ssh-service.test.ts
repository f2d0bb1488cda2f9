import { afterEach, beforeEach, expect, test } from "vitest";
import { CloneLab } from "./clone-lab.ts";
import { failure } from "./lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0", running: false } });
});

afterEach(async () => {
  await clones.lab.close();
});

const ssh = { transport: "ssh" };
const calls = () =>
  clones.lab.raw.simulator.requests
    .entries()
    .flatMap(({ method }) => (/Service$/.test(method) ? [method] : []));

test("a service that is off is started for a clone over SSH, once for all, and stopped at the end of the run", async () => {
  await clones.golden();
  await Promise.all([clones.create("one", ssh), clones.create("two", ssh)]);
  expect(calls()).toEqual(["StartService"]);
  await clones.lab.restart();
  expect(calls()).toEqual(["StartService", "StopService"]);
  expect((await clones.lab.raw.contents()).vms).toHaveLength(3);
});

test("a service that runs is left running", async () => {
  await clones.golden();
  await clones.lab.raw.simulator.behindBack.setSsh(true);
  await clones.create("one", ssh);
  await clones.lab.restart();
  expect(calls()).toEqual([]);
});

test("a service that was started in vain is stopped at once, not only at the end of the run", async () => {
  await clones.golden();
  const wrong = clones.lab.connect({
    ssh: {
      host: "127.0.0.1",
      port: clones.lab.raw.simulator.ssh?.port ?? 0,
      username: clones.lab.raw.username,
      password: clones.lab.raw.password,
      hostKey: { fingerprints: [`SHA256:${"A".repeat(43)}`], knownHosts: "", trustOnFirstUse: false },
    },
  });
  const error = await failure(clones.create("one", ssh, clones.lab.context(undefined, wrong)));
  expect(error.message).toMatch(/host key/i);
  expect(calls()).toEqual(["StartService", "StopService"]);
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
});

test("a service whose start was not answered is stopped at the end all the same", async () => {
  await clones.golden();
  clones.lab.raw.simulator.faults.add({ method: "StartService", count: 1, action: "loseReply" });
  await clones.create("one", ssh);
  await clones.lab.restart();
  expect(calls().at(-1)).toBe("StopService");
});
