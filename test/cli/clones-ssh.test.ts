import { describe, expect, test } from "vitest";
import { openLab, succeeded } from "../support/lab.ts";
import type { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareClones, numbered, times } from "./clone-program.ts";

const LIMIT = { timeout: 120_000 };
const SSH = { simulator: { ssh: { listen: "127.0.0.1:0" } } };

const reachable = (host: SimulatedHost) => ({
  "esxi:sshPort": String(host.simulator.ssh?.port),
  "esxi:sshHostKey": host.simulator.ssh?.hostKeySha256 ?? "",
});

/** Calls that change nothing on the host. */
const READS =
  /^(ssh\.|Retrieve|Continue|WaitFor|Create(Filter|PropertyCollector|ListView|ContainerView)|Modify|Destroy(View|Property)|Cancel(Wait|Retrieve)|Login|Logout|CurrentTime|Search|Find)/;

test(
  "a host with a free licence: a machine that is there is cloned over SSH, with not one write by the API",
  LIMIT,
  async (context) => {
    const { host, project } = await openLab(context, SSH);
    await declareClones({ host, project }, { ovas: { golden: { ovaPath: tinyOva.path, powerOn: false } } });
    succeeded(await project.up());
    const state = await project.vmsInState();
    await project.must(["state", "delete", "--yes", state.get("golden")?.urn ?? ""]);
    await host.restart({ license: "free" });
    await project.useHost(host);
    await project.setConfig({ ...reachable(host), "esxi:transport": "ssh" });
    const clones = {
      ...times(3, "student-", { source: "golden", mode: "full", memory: 256 }),
      "linked-1": { source: "golden", mode: "linked" },
    };
    await declareClones({ host, project }, { clones });
    expect(succeeded(await project.up()).steps).toEqual({ create: ["linked-1", ...numbered(3, "student-")] });
    await host.expectVms(
      "golden: poweredOff",
      "linked-1: poweredOn",
      ...numbered(3, "student-").map((name) => `${name}: poweredOn`),
    );
    for (const name of numbered(3, "student-")) {
      expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
      expect(host.vm(name).config.hardware.memoryMB).toBe(256);
    }
    expect(await host.rawDisk("linked-1")).toBe(tinyOva.rawSha256);
    succeeded(await project.destroy());
    await host.expectVms("golden: poweredOff");
    expect(await host.rawDisk("golden")).toBe(tinyOva.rawSha256);
    const writes = host.simulator.requests.entries().filter(({ method }) => !READS.test(method));
    expect(writes.map(({ method }) => method)).toEqual([]);
  },
);

describe("the committed stack with clones", LIMIT, () => {
  test("clones what it uploads once, over SSH if it is told to", async (context) => {
    const { host, project } = await openLab(context, { committedStack: true, ...SSH });
    await project.setConfig({
      "ova:numInstances": "0",
      "clones:numClones": "2",
      "clones:mode": "full",
      "clones:transport": "ssh",
      ...reachable(host),
    });
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: ["clone-1", "clone-2", "golden"] });
    expect({ uploads: host.count("nfc"), copies: host.count("CopyVirtualDisk_Task") }).toEqual({
      uploads: 1,
      copies: 0,
    });
    await host.expectVms("clone-1: poweredOn", "clone-2: poweredOn", "golden: poweredOff");
    for (const name of numbered(2, "clone-")) expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
    await project.setConfig({ "clones:mode": "linked" });
    succeeded(await project.up());
    await host.expectVms("clone-1: poweredOn", "clone-2: poweredOn", "golden: poweredOff");
    for (const name of numbered(2, "clone-")) expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
    expect(host.count("CopyVirtualDisk_Task")).toBe(0);
  });
});
