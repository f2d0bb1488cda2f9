import { describe, expect, type TestContext, test } from "vitest";
import { badOvas } from "../support/bad-ovas.ts";
import { failed, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

/** One of all that checks refuse: `test/provider/resources/vm/checks/refused-ovas.test.ts`. */
const several = badOvas.find(({ says }) => says.length > 3);

describe("without one request to the host", { timeout: 60_000 }, () => {
  const shared = sharedLab();
  const lab = async (context: TestContext) => {
    const own = await shared(context);
    await own.project.setConfig({ "esxi:checkHost": "false" });
    return own;
  };

  test(`preview refuses ${several?.what}, all at once`, async (context) => {
    const { host, project } = await lab(context);
    const ovaPath = await project.write("bad.ova", several?.ova ?? "");
    await project.declare({ bad: { ...several?.args, ovaPath } });
    const { diagnostics, steps } = failed(await project.preview());
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const told = errors.map(({ message }) => message).join("\n");
    for (const text of several?.says ?? []) expect(told).toMatch(text);
    expect(told).not.toMatch(/\n\s+at /);
    expect(new Set(errors.map(({ name }) => name))).toEqual(new Set(["bad"]));
    expect(steps).toEqual({});
    expect(host.count()).toBe(0);
  });

  test("preview and up refuse a host that the configuration does not have", async (context) => {
    const { host, project } = await lab(context);
    await project.declare({ lost: { ovaPath: tinyOva.path, host: "lab7" } });
    for (const operation of ["preview", "up"] as const) {
      const { output } = failed(await project[operation]());
      expect(output, operation).toContain("lab7");
      expect(output, operation).toContain("pulumi config set --path 'esxi:hosts.lab7.host'");
    }
    expect(host.count()).toBe(0);
  });

  test("preview warns of nothing when all is well", async (context) => {
    const { host, project } = await lab(context);
    await project.declare({ fine: { ovaPath: tinyOva.path } });
    const { diagnostics } = succeeded(await project.preview());
    expect(diagnostics).toEqual([]);
    expect(host.count()).toBe(0);
  });
});
