import { describe, expect, it } from "vitest";
import { startLab } from "../host/lab.ts";
import { allTexts, firstText, type RawClient } from "../host/raw-client.ts";

const BROWSER = "EnvironmentBrowser:ha-compute-res-environmentbrowser";

async function guest(client: RawClient, id: string, key = ""): Promise<string> {
  const spec = `<spec>${key === "" ? "" : `<key>${key}</key>`}<guestId>${id}</guestId></spec>`;
  return await client.ok("QueryConfigOptionEx", BROWSER, spec);
}

describe("QueryConfigOption", () => {
  it("has no paravirtual hardware for DOS, and all of it for a Linux of today", async () => {
    const { client } = await startLab();
    const dos = await guest(client, "dosGuest");
    expect(allTexts(dos, "id")).toEqual(["dosGuest"]);
    expect(allTexts(dos, "supportedDiskControllerList")).not.toContain("ParaVirtualSCSIController");
    expect(allTexts(dos, "supportedEthernetCard")).toEqual(["VirtualPCNet32", "VirtualE1000"]);
    expect(allTexts(dos, "supportedFirmware")).toEqual(["bios"]);
    const debian = await guest(client, "debian12_64Guest");
    expect(allTexts(debian, "supportedDiskControllerList")).toContain("ParaVirtualSCSIController");
    expect(firstText(debian, "recommendedEthernetCard")).toBe("VirtualVmxnet3");
    expect(allTexts(debian, "supportedFirmware")).toEqual(["bios", "efi"]);
    expect(Number(firstText(debian, "supportedMinMemMB"))).toBeLessThan(
      Number(firstText(debian, "supportedMaxMemMB")),
    );
  });

  it("lists the guests and hardware of a version, which older ones have not", async () => {
    const { client } = await startLab();
    const newest = await client.ok("QueryConfigOption", BROWSER);
    expect(firstText(newest, "version")).toBe("vmx-21");
    expect(allTexts(newest, "id").length).toBeGreaterThan(150);
    expect(newest).toContain('xsi:type="VirtualNVMEControllerOption"');
    const old = await client.ok("QueryConfigOption", BROWSER, "<key>vmx-10</key>");
    expect(firstText(old, "version")).toBe("vmx-10");
    expect(allTexts(old, "id")).toContain("ubuntu64Guest");
    expect(allTexts(old, "id")).not.toContain("debian12_64Guest");
    expect(old).not.toContain("VirtualNVMEController");
    expect(allTexts(await guest(client, "debian12_64Guest", "vmx-10"), "id")).toEqual([]);
  });

  it("refuses hardware that the host has not", async () => {
    const { client } = await startLab({ apiVersion: "7.0" });
    expect((await client.call("QueryConfigOption", BROWSER, "<key>vmx-21</key>")).fault).toBe(
      "InvalidArgument",
    );
    expect((await client.call("QueryConfigOption", BROWSER, "<key>nonsense</key>")).fault).toBe(
      "InvalidArgument",
    );
  });
});

it.for([
  ["6.5", "vmx-13"],
  ["7.0", "vmx-17"],
  ["9.0.0.0", "vmx-22"],
] as const)("QueryConfigOptionDescriptor of API %s has %s as the default", async ([apiVersion, newest]) => {
  const { client } = await startLab({ apiVersion });
  const text = await client.ok("QueryConfigOptionDescriptor", BROWSER);
  const all = [...text.matchAll(/<key>([^<]+)<\/key>[\s\S]*?<defaultConfigOption>(true|false)</g)];
  expect(all.filter(([, , isDefault]) => isDefault === "true").map(([, key]) => key)).toEqual([newest]);
  expect(all.at(-1)?.[1]).toBe(newest);
});

it("QueryConfigTarget has the host's datastores, networks, drives and CPUs", async () => {
  const { client } = await startLab({ networks: ["VM Network", "lab-net"] });
  const text = await client.ok("QueryConfigTarget", BROWSER, '<host type="HostSystem">ha-host</host>');
  expect(allTexts(text, "name")).toEqual(
    expect.arrayContaining(["datastore1", "datastore2", "VM Network", "lab-net"]),
  );
  expect(text).toContain("<cdRom><name>/vmfs/devices/cdrom/mpx.vmhba0:C0:T4:L0</name></cdRom>");
  expect(firstText(text, "numCpus")).toBe("64");
});
