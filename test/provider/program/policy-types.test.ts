/** What a policy sees of resources; the type checker does the looking (`npm run check`). */
import { validateResourceOfType, validateStackResourcesOfType } from "@pulumi/policy";
import { expect, expectTypeOf, test } from "vitest";
import { OvaDeployment, PortGroup } from "../../../provider/index.ts";

test("a policy of a class sees its arguments with their types", () => {
  const policy = validateResourceOfType(OvaDeployment, (vm) => {
    expectTypeOf(vm.memory).toEqualTypeOf<number | undefined>();
    expectTypeOf(vm.ovaPath).toEqualTypeOf<string>();
  });
  expect(Reflect.get(policy, "__pulumiType")).toBe("pulumi-nodejs:esxi:OvaDeployment");
});

test("a policy of a stack sees outputs with their types", () => {
  const policy = validateStackResourcesOfType(PortGroup, (groups) => {
    expectTypeOf(groups[0]?.vlanId).toEqualTypeOf<number | undefined>();
  });
  expect(policy).toBeTypeOf("function");
});
