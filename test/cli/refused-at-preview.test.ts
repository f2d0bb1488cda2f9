import { describe, expect, type TestContext, test } from "vitest";
import { badOvas } from "../support/bad-ovas.ts";
import { failed, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

describe("preview, without one request to the host,", { timeout: 60_000 }, () => {
  const shared = sharedLab();
  const lab = async (context: TestContext) => {
    const own = await shared(context);
    await own.project.setConfig({ "esxi:checkHost": "false" });
    return own;
  };

  for (const { what, ova, args, says } of badOvas) {
    test(`refuses ${what}`, async (context) => {
      const { host, project } = await lab(context);
      await project.declare({ bad: { ...args, ovaPath: await project.write("bad.ova", ova) } });
      const { diagnostics, steps } = failed(await project.preview());
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      const told = errors.map(({ message }) => message).join("\n");
      for (const text of says) expect(told).toMatch(text);
      expect(told).not.toMatch(/\n\s+at /);
      expect(new Set(errors.map(({ name }) => name))).toEqual(new Set(["bad"]));
      expect(steps).toEqual({});
      expect(host.count()).toBe(0);
    });
  }

  test("refuses a host that the configuration does not have, and up does too", async (context) => {
    const { host, project } = await lab(context);
    await project.declare({ lost: { ovaPath: tinyOva.path, host: "lab7" } });
    for (const operation of ["preview", "up"] as const) {
      const { output } = failed(await project[operation]());
      expect(output, operation).toContain("lab7");
      expect(output, operation).toContain("pulumi config set --path 'esxi:hosts.lab7.host'");
    }
    expect(host.count()).toBe(0);
  });

  test("warns of nothing when all is well", async (context) => {
    const { host, project } = await lab(context);
    await project.declare({ fine: { ovaPath: tinyOva.path } });
    const { diagnostics } = succeeded(await project.preview());
    expect(diagnostics).toEqual([]);
    expect(host.count()).toBe(0);
  });
});
