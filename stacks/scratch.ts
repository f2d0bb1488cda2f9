/** Builds virtual machines from nothing, as the configuration says. Its keys are explained in `Pulumi.dev.yaml`. */
import { basename } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { DatastoreFile, DatastoreFolder, type DiskArgs, ScratchVm } from "pulumi-esxi-direct";
import { type DeployedVm, deployedVm } from "./deployed-vm.ts";

type DiskType = Extract<DiskArgs["provisioning"], string>;

/** The virtual machines of `scratch:*`, by name; none unless there is a number. */
export function buildScratchVms(): Record<string, DeployedVm> {
  const config = new pulumi.Config("scratch");
  const count = config.getNumber("numVms") ?? 0;
  if (count === 0) return {};
  const network = config.get("network");
  const iso = uploadedIso(config) ?? config.get("isoPath");
  const vms: Record<string, DeployedVm> = {};
  for (let i = 1; i <= count; i++) {
    const base = config.require("name");
    const name = count === 1 ? base : `${base}-${i}`;
    const vm = new ScratchVm(name, {
      datastore: config.get("datastore"),
      guestId: config.get("guestId"),
      numCpus: config.getNumber("numCpus"),
      memory: config.getNumber("memory"),
      disks: [
        {
          size: (config.getNumber("diskSizeMb") ?? 1024) / 1024,
          provisioning: config.get<DiskType>("diskType"),
          controller: "pvscsi",
        },
      ],
      cdroms: [iso === undefined ? { hostDevice: true } : { iso }],
      networkInterfaces: network === undefined ? [] : [{ network }],
      powerOn: config.getBoolean("powerOn"),
    });
    vms[name] = deployedVm(vm);
  }
  return vms;
}

/** A CD of this machine, put onto the datastore for the virtual machines. */
function uploadedIso(config: pulumi.Config): pulumi.Output<string> | undefined {
  const source = config.get("isoFile");
  if (source === undefined) return undefined;
  const datastore = config.get("datastore");
  const own = config.get("isoFolder");
  // The folder above a file stays when the file goes. One of the program's own goes too.
  const folder = own === undefined ? "iso" : new DatastoreFolder("iso-folder", { path: own, datastore }).path;
  const path = pulumi.interpolate`${folder}/${basename(source)}`;
  return new DatastoreFile("iso", { source, path, datastore }).datastorePath;
}
