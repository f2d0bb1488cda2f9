import { afterEach, beforeEach, expect, test } from "vitest";
import { hostService } from "../../../../provider/resources/host/host-service.lifecycle.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { previewed } from "../preview/previewed.ts";
import { writesByApi } from "../writes-by-api.ts";

let lab: Lab;
let service: Managed;

beforeEach(async () => {
  lab = await Lab.open({
    license: "free",
    ssh: { listen: "127.0.0.1:0" },
    behaviour: { freeFolderWrites: "refused" },
  });
  service = new Managed(lab, "HostService", hostService);
});

afterEach(async () => {
  expect(writesByApi(lab)).toEqual([]);
  await lab.close();
});

test("on a free host the ESXi shell and the time service are changed, and put back as they were", async () => {
  const shell = await service.create({ service: "ESXi Shell", running: true, policy: "on" });
  expect(shell.outs).toMatchObject({ key: "TSM", running: true, policy: "on" });
  const time = new Managed(lab, "HostService", hostService, "time");
  const ntpd = await time.create({ service: "ntpd", running: true });
  expect(ntpd.outs).toMatchObject({ running: true, policy: "on" });
  await service.delete(shell);
  expect((await service.read(shell))?.outs).toMatchObject({ running: false, policy: "off" });
  await time.delete(ntpd);
  expect((await time.read(ntpd))?.outs).toMatchObject({ running: false });
  expect((await lab.raw.contents()).files).toEqual([]);
});

test("what has no command is refused by a preview and by the host, before anything is changed", async () => {
  const told = async (name: string, args: { service: string; running?: boolean; policy?: string }) =>
    (await previewed(lab, { kind: "HostService", called: name, args })).failures.join();
  expect(await told("a", { service: "SSH", running: false })).toMatch(/^running: .*the SSH service/);
  expect(await told("b", { service: "TSM", policy: "automatic" })).toMatch(/^policy: .*automatic/);
  expect(await told("c", { service: "snmpd", running: true })).toMatch(/^service: .*ntpd only/);
  expect(await told("d", { service: "ntpd", running: true, policy: "off" })).toMatch(/^policy: .*ntpd/);
  expect(await told("e", { service: "TSM-SSH", policy: "on" })).toBe("");
  expect((await failure(service.create({ service: "snmpd", running: true }))).message).toMatch(
    /"SNMP Server" cannot be changed over SSH/,
  );
});
