/** Keys that would get lost on the way to the provider, wherever a program has them from. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { refuseProtoKeys } from "../../../provider/program/unsafe-keys.ts";

/** As a file or a configuration has it that somebody else wrote. */
const foreign = () => JSON.parse('{"nested": {"__proto__": "a"}}') as Record<string, unknown>;
const guarded = (extraConfig: unknown) => refuseProtoKeys("web", { extraConfig }).extraConfig as unknown;
interface Inside {
  promise(): Promise<unknown>;
  allResources(): Promise<unknown>;
  readonly isKnown: Promise<unknown>;
  readonly isSecret: Promise<unknown>;
}

/** All that an output has to tell fails together; a program that nobody tests ends with it. */
async function settled(value: unknown): Promise<unknown> {
  if (!pulumi.Output.isInstance(value)) return value;
  const inside = value as unknown as Inside;
  const [result] = await Promise.allSettled([
    inside.promise(),
    inside.isKnown,
    inside.isSecret,
    inside.allResources(),
  ]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

test("are refused in what is known at once", () => {
  expect(() => guarded([foreign()])).toThrow(
    '"web": extraConfig.0.nested.__proto__: "__proto__" cannot be a key. Nothing was done.',
  );
});

test.each<[string, (value: unknown) => unknown]>([
  ["an output", (value) => pulumi.output("").apply(() => value)],
  ["a secret", (value) => pulumi.secret("").apply(() => value)],
  ["a promise", (value) => Promise.resolve(value)],
  ["an output within an object", (value) => ({ deep: pulumi.output("").apply(() => value) })],
])("are refused in %s when it is known", async (_what, of) => {
  const value = guarded(of(foreign()));
  const inner =
    pulumi.Output.isInstance(value) || value instanceof Promise ? value : (value as { deep: unknown }).deep;
  await expect(settled(inner)).rejects.toThrow(
    /"web": extraConfig(\.deep)?\.nested\.__proto__: .*cannot be a key/,
  );
});

test("leave what is harmless as it is: values, secrets, and what is not known yet", async () => {
  const secret = guarded(pulumi.secret({ a: [1, "b", null] })) as pulumi.Output<unknown>;
  expect(await settled(secret)).toEqual({ a: [1, "b", null] });
  expect(await pulumi.isSecret(secret)).toBe(true);
  expect(guarded({ a: [1, { b: undefined }] })).toEqual({ a: [1, { b: undefined }] });
  const asset = new pulumi.asset.StringAsset("a");
  expect(guarded(asset)).toBe(asset);
});
