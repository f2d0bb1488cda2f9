/** Whether a host is changed by its API or by its shell, and what is asked of it to find out. */
import { afterEach, expect, test } from "vitest";
import {
  askedTransport,
  chooseTransport,
  mayApiWrite,
  mayHaveShell,
  soundsFree,
} from "../../../../provider/host/shell/choose-transport.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { SimulatorOptions } from "../../../../simulator/index.ts";
import { failure, Lab } from "../../resources/lab.ts";

let lab: Lab;

async function open(options: Partial<SimulatorOptions> = {}): Promise<void> {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" }, ...options });
}

afterEach(() => lab?.close());

const FREE = { license: "free" } as const;
const writes = () => lab.raw.count("UpdateServicePolicy");
const faulty = (method: string, fault: string, count = 99) =>
  lab.raw.simulator.faults.add({ method, count, action: { fault, message: "not now" } });

test("what was asked for is taken, and the host is not asked", async () => {
  await open(FREE);
  expect(await Promise.all([chooseTransport(lab.host, "api"), chooseTransport(lab.host, "ssh")])).toEqual([
    "api",
    "ssh",
  ]);
  expect(lab.raw.count()).toBe(0);
  expect(["api", "ssh", "auto", "telnet", undefined].map(askedTransport)).toEqual([
    "api",
    "ssh",
    "auto",
    undefined,
    undefined,
  ]);
});

test("a licence that allows all leaves the API, and nothing is written to find out", async () => {
  await open();
  expect([await chooseTransport(lab.host, "auto"), await mayApiWrite(lab.host)]).toEqual(["api", true]);
  expect(writes()).toBe(0);
});

test("a free licence leaves the shell, which one write finds out that changes nothing", async () => {
  await open(FREE);
  const asked = [chooseTransport(lab.host, "auto"), chooseTransport(lab.host, "auto")];
  expect(await Promise.all(asked)).toEqual(["ssh", "ssh"]);
  expect([await mayApiWrite(lab.host), writes()]).toEqual([false, 1]);
});

test("what could not be found out is told, and is asked again", async () => {
  await open(FREE);
  faulty("UpdateServicePolicy", "SystemError", 2);
  expect((await failure(chooseTransport(lab.host, "auto"))).message).toContain("not now");
  expect((await failure(mayApiWrite(lab.host))).message).toContain("not now");
  expect(await chooseTransport(lab.host, "auto")).toBe("ssh");
});

test("one who may not write has only the licence's name", async () => {
  await open(FREE);
  faulty("UpdateServicePolicy", "NoPermission");
  expect([await chooseTransport(lab.host, "auto"), await mayApiWrite(lab.host)]).toEqual(["ssh", false]);
});

test("one who may not read the licence tries the API, and is not said to be allowed to write", async () => {
  await open(FREE);
  await lab.host.facts();
  faulty("RetrievePropertiesEx", "NoPermission");
  expect([await chooseTransport(lab.host, "auto"), await mayApiWrite(lab.host)]).toEqual(["api", false]);
});

test("the shell can be had where its service runs, or the API may start it", async () => {
  await open(FREE);
  expect(await mayHaveShell(lab.host)).toBe(true);
  await lab.close();
  await open({ ssh: { listen: "127.0.0.1:0", running: false } });
  expect(await mayHaveShell(lab.host)).toBe(true);
  await lab.close();
  await open({ ...FREE, ssh: { listen: "127.0.0.1:0", running: false } });
  expect(await mayHaveShell(lab.host)).toBe(false);
  expect(lab.raw.count("StartService")).toBe(0);
});

const licence = (editionKey: string, name: string, properties: readonly [string, string][] = []) =>
  create("LicenseManagerLicenseInfo", {
    licenseKey: "",
    editionKey,
    name,
    total: 0,
    costUnit: "cpuPackage",
    properties: properties.map(([key, value]) => create("KeyAnyValue", { key, value })),
  });

test.each([
  [true, "esx.hypervisor.cpuPackageCoreLimited", "VMware vSphere 8 Hypervisor"],
  [true, "esxBasic", ""],
  [true, "other", "VMware vSphere Hypervisor"],
  [false, "not.esx.hypervisor", "Hypervisor for vSphere"],
  [false, "esx.enterprisePlus.cpuPackage", "VMware vSphere 8 Enterprise Plus"],
])("it sounds free: %s, of %j with the name %j", (isFree, editionKey, name) => {
  expect(soundsFree([licence("eval", "Evaluation"), licence(editionKey, name)])).toBe(isFree);
});

test.each([
  ["0", true],
  ["-1", true],
  ["1440", false],
])("an evaluation with %s hours left is over: %s", (hours, isOver) => {
  const properties = [
    ["expirationHours", hours],
    ["count", "0"],
  ] as const;
  expect(
    soundsFree([
      licence(
        "eval",
        "Evaluation Mode",
        properties.map(([key, value]) => [key, value]),
      ),
    ]),
  ).toBe(isOver);
});
