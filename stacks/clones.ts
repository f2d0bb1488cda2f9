/** Clones one VM as often as the configuration says. Its keys are explained in `Pulumi.dev.yaml`. */
import * as pulumi from "@pulumi/pulumi";
import { DatastoreClone, type DatastoreCloneArgs, OvaDeployment } from "pulumi-esxi-direct";
import { type DeployedVm, deployedVm } from "./deployed-vm.ts";

type Choice<K extends "mode" | "transport"> = Extract<DatastoreCloneArgs[K], string>;

/** The virtual machines of `clones:*`, by name; none, and nothing to clone either, unless there is a number. */
export function deployClones(): Record<string, DeployedVm> {
  const config = new pulumi.Config("clones");
  const count = config.getNumber("numClones") ?? 0;
  if (count === 0) return {};
  const prefix = config.get("namePrefix") ?? "clone-";
  const source = config.get("source") ?? deployGolden(config.get("datastore"));
  const vms: Record<string, DeployedVm> = {};
  for (let i = 1; i <= count; i++) {
    const name = `${prefix}${i}`;
    const vm = new DatastoreClone(name, {
      source,
      mode: config.get<Choice<"mode">>("mode"),
      transport: config.get<Choice<"transport">>("transport"),
      datastore: config.get("datastore"),
      numCpus: config.getNumber("numCpus"),
      memory: config.getNumber("memory"),
      powerOn: config.getBoolean("powerOn"),
      waitFor: config.getBoolean("waitForIp") ? { ip: true } : undefined,
    });
    vms[name] = deployedVm(vm);
  }
  return vms;
}

/** The machine that all are cloned from: uploaded once, and never powered on. */
function deployGolden(datastore: string | undefined): OvaDeployment {
  const ova = new pulumi.Config("ova");
  return new OvaDeployment("golden", {
    ovaPath: ova.require("path"),
    datastore: datastore ?? ova.get("datastore"),
    ovfNetworkMap: ova.getObject<Record<string, string>>("networks"),
    properties: ova.getSecretObject<Record<string, string>>("properties"),
    powerOn: false,
  });
}
