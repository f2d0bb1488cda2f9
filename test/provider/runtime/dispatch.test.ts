import { expect, test } from "vitest";
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
    { property: "", reason: "properties.password: must be a text" },
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
