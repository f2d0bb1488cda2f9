import { expect, it } from "vitest";
import { restart, startLab } from "./lab.ts";
import { firstText, type RawClient } from "./raw-client.ts";

const SERVICES = "HostServiceSystem:serviceSystem";

async function service(client: RawClient, key: string): Promise<string> {
  const info = await client.read(SERVICES, "serviceInfo");
  const own = new RegExp(`<service><key>${key}</key>.*?</service>`, "s").exec(info)?.[0] ?? "";
  return `${firstText(own, "label")}: ${firstText(own, "running")}, ${firstText(own, "policy")}`;
}

it("services start, stop and restart, and it is no fault if they did so already", async () => {
  const { client } = await startLab();
  expect(await service(client, "ntpd")).toBe("NTP Daemon: false, off");
  for (const [method, running] of [
    ["StartService", true],
    ["StartService", true],
    ["RestartService", true],
    ["StopService", false],
    ["StopService", false],
    ["RestartService", true],
  ] as const) {
    await client.ok(method, SERVICES, "<id>ntpd</id>");
    expect(await service(client, "ntpd")).toBe(`NTP Daemon: ${running}, off`);
  }
});

it.each([
  ["StartService", "<id>nope</id>", "NotFound"],
  ["UpdateServicePolicy", "<id>nope</id><policy>on</policy>", "NotFound"],
  ["UpdateServicePolicy", "<id>ntpd</id><policy>sometimes</policy>", "InvalidArgument"],
  ["StopService", "<id>vmsyslogd</id>", "HostConfigFault"],
])("%s with %s is refused", async (method, parameters, fault) => {
  const { client } = await startLab();
  expect((await client.call(method, SERVICES, parameters)).fault).toBe(fault);
});

it("services are after a restart as they were left", async () => {
  const { host, client } = await startLab({ ssh: { listen: "127.0.0.1:0" } });
  expect(await service(client, "TSM-SSH")).toBe("SSH: true, off");
  await client.ok("StopService", SERVICES, "<id>TSM-SSH</id>");
  await client.ok("UpdateServicePolicy", SERVICES, "<id>ntpd</id><policy>on</policy>");
  const { client: again } = await restart(host);
  expect(await service(again, "TSM-SSH")).toBe("SSH: false, off");
  expect(await service(again, "ntpd")).toBe("NTP Daemon: false, on");
});

it("a free licence lets nobody change services", async () => {
  const { client } = await startLab({ license: "free" });
  for (const method of ["StartService", "StopService", "RestartService"])
    expect((await client.call(method, SERVICES, "<id>ntpd</id>")).fault).toBe("RestrictedVersion");
});
