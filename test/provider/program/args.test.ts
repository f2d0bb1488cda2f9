/** What programs may write; the type checker does the looking (`npm run check`). */
import type * as pulumi from "@pulumi/pulumi";
import { expectTypeOf, test } from "vitest";
import type {
  DiskProvisioning,
  OvaDeployment,
  OvaDeploymentArgs,
  TimeoutsArgs,
  VmArgs,
  WaitForArgs,
} from "../../../provider/index.ts";

type Accepts<Args, Key extends keyof Args, Value> = [
  Value | pulumi.Output<Value> | Promise<Value> | undefined,
] extends [Args[Key] | undefined]
  ? true
  : false;

test("every setting of a VM takes a value, an output, a promise or undefined", () => {
  expectTypeOf<
    Accepts<VmArgs, "name" | "host" | "datastore" | "resourcePool", string>
  >().toEqualTypeOf<true>();
  expectTypeOf<Accepts<VmArgs, "numCpus" | "numCoresPerSocket" | "memory", number>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<VmArgs, "annotation", string>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<VmArgs, "powerOn" | "allowPowerCycle", boolean>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<VmArgs, "extraConfig", Record<string, string>>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<VmArgs, "waitFor", { ip: true }>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<WaitForArgs, "ip" | "tools", boolean>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<WaitForArgs, "tcpPort" | "timeoutSeconds", number>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<TimeoutsArgs, keyof TimeoutsArgs, number>>().toEqualTypeOf<true>();
});

test("every setting of an OVA takes a value, an output, a promise or undefined", () => {
  type Maps = "ovfNetworkMap" | "properties";
  expectTypeOf<Accepts<OvaDeploymentArgs, Maps, Record<string, string>>>().toEqualTypeOf<true>();
  expectTypeOf<
    Accepts<OvaDeploymentArgs, Maps, Record<string, pulumi.Output<string>>>
  >().toEqualTypeOf<true>();
  expectTypeOf<Accepts<OvaDeploymentArgs, "deploymentOption", string>>().toEqualTypeOf<true>();
  expectTypeOf<Accepts<OvaDeploymentArgs, "diskProvisioning", DiskProvisioning>>().toEqualTypeOf<true>();
  type Agreements = "acceptAllEulas" | "allowExtraConfig" | "relax";
  expectTypeOf<Accepts<OvaDeploymentArgs, Agreements, boolean>>().toEqualTypeOf<true>();
});

test("the OVA must be given, and settings that do not exist are mistakes", () => {
  expectTypeOf<{ memory: 512 }>().not.toExtend<OvaDeploymentArgs>();
  expectTypeOf<{ ovaPath: pulumi.Output<string> }>().toExtend<OvaDeploymentArgs>();
  expectTypeOf<Exclude<keyof OvaDeploymentArgs, keyof VmArgs>>().toEqualTypeOf<
    | "ovaPath"
    | "ovfNetworkMap"
    | "deploymentOption"
    | "diskProvisioning"
    | "properties"
    | "ovfTransport"
    | "transfer"
    | "acceptAllEulas"
    | "allowExtraConfig"
    | "relax"
  >();
});

test("outputs have the types that the documentation names", () => {
  expectTypeOf<OvaDeployment["moid" | "uuid" | "instanceUuid" | "vmxPath" | "hostUuid"]>().toEqualTypeOf<
    pulumi.Output<string>
  >();
  expectTypeOf<OvaDeployment["memory" | "numCpus"]>().toEqualTypeOf<pulumi.Output<number>>();
  expectTypeOf<OvaDeployment["macAddresses" | "guestIpAddresses"]>().toEqualTypeOf<pulumi.Output<string[]>>();
  expectTypeOf<OvaDeployment["defaultIpAddress"]>().toEqualTypeOf<pulumi.Output<string | undefined>>();
});
