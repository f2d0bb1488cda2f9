import { describe, expect, test } from "vitest";
import { dispatch } from "../../../provider/runtime.ts";

const config = {
  get: (key: string) =>
    ({ "esxi:host": "esxi.invalid", "esxi:username": "root", "esxi:password": "s3cret" })[key],
};

test("a kind of resource that this release does not have is said to be from a newer one", async () => {
  await expect(dispatch("TimeMachine", "read", config, ["id", {}])).rejects.toThrow(
    "This release of pulumi-esxi-direct has no resource TimeMachine. Was the stack made by a newer one?",
  );
});

test("failures of a check name the setting in their reason, so that Pulumi does not print its value", async () => {
  const news = { name: "vm", ovaPath: "", properties: { password: 5 } };
  const { failures } = (await dispatch("OvaDeployment", "check", config, [{}, news])) as {
    failures: unknown;
  };
  expect(failures).toEqual([
    { property: "", reason: "ovaPath: must not be empty" },
    { property: "", reason: "properties.password: must be a text, not a number: put it in quotes" },
  ]);
});

test("without a configuration the first error says what to set", async () => {
  const news = { name: "vm", ovaPath: "" };
  const { failures } = (await dispatch("OvaDeployment", "check", undefined, [{}, news])) as {
    failures: { reason: string }[];
  };
  expect(failures.map(({ reason }) => reason)).toContainEqual(
    expect.stringContaining("esxi:host is not set"),
  );
});

describe("a host that cannot be reached", () => {
  const unreachable = {
    get: (key: string) =>
      ({
        "esxi:host": "127.0.0.1:1",
        "esxi:username": "root",
        "esxi:password": "s",
        "esxi:insecure": "true",
      })[key],
  };
  const state = { name: "vm", vmxPath: "[ds] vm/vm.vmx", instanceUuid: "u", hostUuid: "h" };
  const hint = /last `pulumi up` saved in the stack's state\..*ESXI_PASSWORD.*--run-program/;

  test.each(["read", "delete"] as const)(
    "%s says that the configuration may be an old one, and two ways out",
    async (method) => {
      await expect(dispatch("ScratchVm", method, unreachable, ["u", state])).rejects.toThrow(hint);
      await expect(dispatch("ScratchVm", method, undefined, ["u", state])).rejects.toThrow(hint);
    },
  );

  test("what `pulumi up` does, with the configuration of today, does not", async () => {
    const news = { name: "vm", network: "x" };
    await expect(dispatch("ScratchVm", "create", unreachable, [{ name: "vm" }])).rejects.not.toThrow(hint);
    await expect(dispatch("getNetwork", "read", unreachable, ["id", news])).rejects.not.toThrow(hint);
  });
});
