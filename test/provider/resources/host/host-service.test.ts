import { afterEach, beforeEach, expect, test } from "vitest";
import { readServices } from "../../../../provider/host/services.ts";
import { hostService } from "../../../../provider/resources/host/host-service.lifecycle.ts";
import { failure, Lab, PROVIDER } from "../lab.ts";
import { Managed } from "../managed.ts";

let lab: Lab;
let ssh: Managed;

beforeEach(async () => {
  lab = await Lab.open();
  ssh = new Managed(lab, "HostService", hostService);
});

afterEach(() => lab.close());

/** What the host says of a service now. */
async function service(key: string) {
  const found = (await readServices(lab.host))?.all.find((one) => one.key === key);
  return { running: found?.running, policy: found?.policy };
}

test("a service is started, and put back as it was found when the resource goes", async () => {
  const state = await ssh.create({ service: "TSM-SSH", running: true, policy: "on" });
  expect(state.id).toBe("TSM-SSH");
  expect(state.outs).toMatchObject({
    service: "TSM-SSH",
    key: "TSM-SSH",
    label: "SSH",
    running: true,
    policy: "on",
    hostUuid: lab.raw.simulator.hostUuid,
    __phase: "done",
  });
  expect(await service("TSM-SSH")).toEqual({ running: true, policy: "on" });

  await ssh.delete(state);
  expect(await service("TSM-SSH")).toEqual({ running: false, policy: "off" });
  await ssh.delete(state);
});

test("what was running before runs afterwards", async () => {
  await lab.raw.simulator.behindBack.setSsh(true);
  const state = await ssh.create({ service: "ssh", running: false });
  expect(await service("TSM-SSH")).toMatchObject({ running: false });
  await ssh.delete(state);
  expect(await service("TSM-SSH")).toMatchObject({ running: true });
});

test("a service may be named by its key or its label, which is no difference", async () => {
  const state = await ssh.create({ service: "SSH", running: true });
  expect(await ssh.diff(state, { service: "tsm-ssh", running: true })).toMatchObject({ changes: false });
  expect(await ssh.diff(state, { service: "ntpd", running: true })).toMatchObject({
    changes: true,
    replaces: ["service"],
  });
});

test("a change is made in place and told; what the program does not name is left alone", async () => {
  const state = await ssh.create({ service: "TSM-SSH", running: true });
  lab.raw.simulator.requests.clear();
  const wish = { service: "TSM-SSH", policy: "automatic" };
  expect(await ssh.diff(state, wish)).toEqual({ changes: true, replaces: [], deleteBeforeReplace: true });
  expect(lab.texts("info")).toEqual(["update in place: policy off → automatic"]);
  const after = await ssh.update(state, wish);
  expect(await service("TSM-SSH")).toEqual({ running: true, policy: "automatic" });
  expect(lab.raw.count("StopService")).toBe(0);
  await ssh.delete(after);
  expect(await service("TSM-SSH")).toEqual({ running: false, policy: "off" });
});

test("a refresh sees that somebody stopped it, and the next update starts it again", async () => {
  const wish = { service: "TSM-SSH", running: true };
  const state = await ssh.create(wish);
  expect(await ssh.diff(state, wish)).toMatchObject({ changes: false });
  await lab.raw.simulator.behindBack.setSsh(false);
  const now = await ssh.read(state);
  expect(now?.outs).toMatchObject({ running: false });
  if (!now) throw new Error("gone");
  expect(await ssh.diff(now, wish)).toMatchObject({ changes: true, replaces: [] });
  await ssh.update(now, wish);
  expect(await service("TSM-SSH")).toMatchObject({ running: true });
});

test("many services are read in one call", async () => {
  const states = await Promise.all(["TSM-SSH", "TSM", "ntpd"].map((one) => ssh.create({ service: one })));
  lab.raw.simulator.requests.clear();
  await Promise.all(states.map((state) => ssh.read(state)));
  expect(lab.raw.count("RetrievePropertiesEx")).toBe(1);
});

test("a service that the host does not have is refused with those that it has", async () => {
  const error = await failure(ssh.create({ service: "telnet", running: true }));
  expect(error.message).toMatch(
    /^esxi1 has no service "telnet". It has: .*TSM-SSH \(SSH\), .*ntpd \(NTP Daemon\).* Nothing was changed\.$/,
  );
  expect(lab.raw.count("StartService")).toBe(0);
});

test("wrong settings are found before the host is asked", async () => {
  const { failures } = await ssh.check({ service: "", policy: "always", runing: true });
  expect(failures.map(({ property }) => property).sort()).toEqual(["policy", "runing", "service"]);
  expect(lab.raw.count()).toBe(0);
});

test("a failure half-way is kept, and the next run goes on and still knows how it was found", async () => {
  lab.raw.simulator.faults.add({
    method: "StartService",
    count: 1,
    action: { fault: "HostConfigFault", message: "no" },
  });
  const wish = { service: "TSM-SSH", running: true, policy: "on" };
  const inputs = await ssh.inputs(wish);
  const state = await ssh.unfinished(ssh.lifecycle.create(inputs, lab.context()), inputs);
  expect(state.outs).toMatchObject({ __phase: "unfinished", __provider: PROVIDER });
  expect(await service("TSM-SSH")).toEqual({ running: false, policy: "on" });

  expect(await ssh.diff(state, wish)).toMatchObject({ changes: true, replaces: [] });
  const done = await ssh.update(state, wish);
  expect(done.outs).toMatchObject({ __phase: "done", running: true });
  await ssh.delete(done);
  expect(await service("TSM-SSH")).toEqual({ running: false, policy: "off" });
});

test("another host under the same name is left alone", async () => {
  const state = await ssh.create({ service: "TSM-SSH", running: true });
  const other = { ...state, outs: { ...state.outs, hostUuid: "00000000-0000-0000-0000-000000000000" } };
  expect((await failure(ssh.delete(other))).message).toContain(
    'The service "TSM-SSH" is on the host with the hardware UUID 00000000-0000-0000-0000-000000000000',
  );
  expect(await service("TSM-SSH")).toMatchObject({ running: true });
});

test("a licence without API access is told", async () => {
  lab.raw.simulator.faults.add({ method: "StartService", action: { fault: "RestrictedVersion" } });
  const wish = { service: "TSM-SSH", running: true };
  const inputs = await ssh.inputs(wish);
  const error = await failure(ssh.lifecycle.create(inputs, lab.context()));
  expect(error.message).toContain("licence allows no changes through its API");
});
