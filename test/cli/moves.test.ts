import { describe, expect, test } from "vitest";
import { sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";

const GIB = 1024 ** 3;
const datastores = ["datastore1", "big"].map((name) => ({ name, capacityBytes: 100 * GIB }));

const stack = (place: { golden?: object; web?: object; student?: object } = {}) => ({
  golden: {
    kind: "OvaDeployment",
    args: { ovaPath: tinyOva.path, datastore: "datastore1", powerOn: false, ...place.golden },
  },
  student: { kind: "DatastoreClone", args: { source: "$golden", mode: "linked", ...place.student } },
  web: { kind: "OvaDeployment", args: { ovaPath: tinyOva.path, datastore: "datastore1", ...place.web } },
});

/** Each test goes on where the one before it ended. */
describe("what people call a move", { timeout: 180_000 }, () => {
  const lab = sharedLab({ simulator: { datastores } });

  test("to another datastore is an update of that machine alone", async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    await declareResources(own, stack());
    succeeded(await project.up());
    const before = host.vm("web");
    await declareResources(own, stack({ web: { datastore: "big" } }));
    const told = succeeded(await project.up());
    expect(told.steps).toEqual({ same: ["golden", "student"], update: ["web"] });
    expect(told.diagnostics.filter(({ name }) => name === "web")).toEqual([
      {
        name: "web",
        severity: "info",
        message: 'move to datastore "big" from "datastore1" (one power cycle)',
      },
    ]);
    expect(host.vm("web")).toMatchObject({
      vmxPath: "[big] web/web.vmx",
      instanceUuid: before.instanceUuid,
      uuid: before.uuid,
      powerState: "poweredOn",
    });
    await host.expectVms("golden: poweredOff", "student: poweredOn", "web: poweredOn");
  });

  test("that only a replacement could follow is refused at the preview", async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    const there = await host.contents();
    await declareResources(own, stack({ web: { datastore: "big" }, student: { datastore: "big" } }));
    const told = await project.preview();
    expect(told.code).not.toBe(0);
    expect(told.output).toMatch(
      /"student" cannot be moved \(datastore "datastore1" → "big"\): it is a linked clone/,
    );
    expect(told.output).toContain("allowReplace: true");
    expect(told.output).not.toMatch(/HostError| at .*\.(js|ts):\d+/);
    expect((await host.contents()).files).toEqual(there.files);
  });

  test("of a base of linked clones is refused with their names, and changes nothing", async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    const there = await host.contents();
    await declareResources(own, stack({ web: { datastore: "big" }, golden: { datastore: "big" } }));
    const done = await project.up();
    expect(done.code).not.toBe(0);
    expect(done.output).toMatch(/the disks of "student" build on those of "golden" \(linked clones\)/);
    expect((await host.contents()).files).toEqual(there.files);
    await host.expectVms("golden: poweredOff", "student: poweredOn", "web: poweredOn");
  });
});
