/** Deploys one OVA as often as the configuration says. Its keys are explained in `Pulumi.dev.yaml`. */
import * as pulumi from "@pulumi/pulumi";
import { OvaDeployment } from "pulumi-esxi-direct";
import { type DeployedVm, deployedVm } from "./deployed-vm.ts";

/** The virtual machines of `ova:*`, by name. */
export function deployOvas(): Record<string, DeployedVm> {
  const config = new pulumi.Config("ova");
  const count = config.requireNumber("numInstances");
  const prefix = config.require("namePrefix");
  const vms: Record<string, DeployedVm> = {};
  for (let i = 1; i <= count; i++) {
    const name = `${prefix}${i}`;
    const vm = new OvaDeployment(name, {
      ovaPath: config.require("path"),
      datastore: config.get("datastore"),
      ovfNetworkMap: config.getObject<Record<string, string>>("networks"),
      properties: config.getSecretObject<Record<string, string>>("properties"),
      numCpus: config.getNumber("numCpus"),
      memory: config.getNumber("memory"),
      powerOn: config.getBoolean("powerOn"),
      waitFor: config.getBoolean("waitForIp") ? { ip: true } : undefined,
    });
    vms[name] = deployedVm(vm);
  }
  return vms;
}
