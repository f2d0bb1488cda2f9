/**
 * Names of settings in other tools (`@pulumi/vsphere`, Terraform, ovftool, Ansible, JSON of courses), by our name.
 * Compared without case, `_` and `-`.
 */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  addresses: ["ip", "ips", "ipAddress", "address"],
  adapterType: ["nicType", "virtualDev", "model", "type"],
  adopt: ["import", "importId"],
  allowForgedTransmits: ["forgedTransmits"],
  allowMacChanges: ["macChanges"],
  allowPromiscuous: ["promiscuous", "promiscuousMode"],
  annotation: ["notes", "note", "description", "comment"],
  attach: ["attachPath", "existingDisk", "path", "file"],
  cdroms: ["cdrom", "cd", "dvd"],
  controller: ["controllerType", "scsiType", "diskController"],
  count: ["numInstances", "instances", "number", "numVms", "numClones", "replicas"],
  createSeconds: ["create"],
  datastore: ["datastoreId", "datastoreName", "diskStore", "storage"],
  deleteSeconds: ["delete"],
  deploymentOption: ["ovfDeploymentOption", "configuration"],
  diskProvisioning: ["diskMode", "diskFormat"],
  disks: ["disk", "virtualDisks", "hardDisks"],
  extraConfig: ["advancedSettings", "vmxSettings", "vmx"],
  firmware: ["efi", "uefi", "bootFirmware"],
  guestId: ["guestOs", "guestOsType", "osType"],
  guestInfo: ["guestinfoProperties", "guestProperties"],
  host: ["hostSystemId", "hostName", "esxiHost"],
  hostDevice: ["clientDevice"],
  ip: ["waitForIp", "guestIp"],
  iso: ["isoPath", "datastoreIsoPath", "path", "image"],
  keys: ["people", "students", "logins", "names"],
  macAddress: ["mac", "staticMac"],
  mode: ["cloneType", "linkedClone", "linked"],
  name: ["vmName", "displayName", "snapshotName"],
  memory: ["ram", "mem", "memorySize", "memoryMb", "memsize", "memoryGb"],
  namePattern: ["pattern", "nameRegex"],
  network: ["networkId", "networkName", "networkLabel", "portGroup", "virtualNetwork"],
  networkAdapters: ["uplinks", "uplink", "nics", "physicalNics"],
  networkInterfaces: ["networkInterface", "networks", "network", "nics", "nic", "net0"],
  numCoresPerSocket: ["coresPerSocket"],
  numCpus: ["numCpu", "cpus", "cpu", "vcpus", "vcpu", "numVcpus", "cores"],
  numPorts: ["numberOfPorts", "ports"],
  ovaPath: [
    "ovfDeploy",
    "ovfSource",
    "localOvfPath",
    "remoteOvfUrl",
    "ovfPath",
    "ova",
    "ovf",
    "ovfUrl",
    "source",
    "path",
    "url",
  ],
  ovfNetworkMap: ["ovfNetworkMapping", "networkMap", "networkMapping", "networks"],
  parentResourcePool: ["parentResourcePoolId", "parent"],
  powerOn: ["power", "poweredOn", "started", "running", "start"],
  properties: ["vapp", "vappProperties", "ovfProperties"],
  provisioning: ["thinProvisioned", "eagerlyScrub", "diskType", "diskProvisioning", "type"],
  resourcePool: ["resourcePoolId", "resourcePoolName", "pool"],
  shutdownSeconds: ["shutdownWaitTimeout"],
  size: ["diskSize", "sizeGb", "capacity", "sizeInGb"],
  source: ["template", "templateUuid", "clone", "cloneFrom", "cloneFromVm", "base", "localPath"],
  sshAuthorizedKeys: ["sshKeys", "sshPublicKeys", "authorizedKeys", "sshPublicKey", "sshKey"],
  tcpPort: ["tcp", "port"],
  timeoutSeconds: ["timeout", "waitTimeout"],
  updateSeconds: ["update"],
  userData: ["customize", "cloudConfig"],
  virtualSwitch: ["vswitch", "virtualSwitchName", "hostVirtualSwitch", "switch"],
  vlanId: ["vlan", "vlanTag"],
  waitFor: ["waitForGuestNetTimeout", "waitForGuestIpTimeout", "waitForGuestNetRoutable", "wait"],
};

/** Our name for a setting of another tool. Undefined if no tool calls a setting so. */
export function fromElsewhere(name: string, known: readonly string[]): string | undefined {
  const plain = plainly(name);
  return (
    known.find((own) => plainly(own) === plain) ??
    known.find((own) => FOREIGN[own]?.some((foreign) => plainly(foreign) === plain))
  );
}

/** Settings of other tools for which there is no setting here, and why. */
const NOT_HERE: Readonly<Record<string, readonly string[]>> = {
  "a host without vCenter has none: leave it out": [
    ...[
      "datacenter",
      "datacenterId",
      "cluster",
      "computeCluster",
      "computeClusterId",
      "folderPath",
      "folderId",
    ],
    ...["storagePolicyId", "datastoreClusterId", "tags", "customAttributes", "vcenter"],
  ],
  "one resource is one of it: make several in a loop of the program, or machines with VmFleet": [
    ...[
      "count",
      "numInstances",
      "instances",
      "numVms",
      "numClones",
      "replicas",
      "vmNamePrefix",
      "namePrefix",
    ],
  ],
  "it is an option of Pulumi, which stands in a third argument: { dependsOn: … } behind { … }": [
    ...[
      "additionalSecretOutputs",
      "aliases",
      "customTimeouts",
      "deleteBeforeReplace",
      "deletedWith",
      "dependsOn",
    ],
    ...["ignoreChanges", "parent", "protect", "provider", "replaceOnChanges", "retainOnDelete", "version"],
  ],
  'an address is the guest\'s own: guest: { interfaces: [{ addresses: ["10.0.0.5/24"] }] }': [
    ...[
      "ip",
      "ipAddress",
      "ipv4",
      "ipv4Address",
      "ipv6Address",
      "address",
      "addresses",
      "gateway",
      "netmask",
      "dns",
    ],
  ],
  "it is said once for all resources, in the stack's configuration (esxi:…)": [
    ...[
      "username",
      "user",
      "password",
      "thumbprint",
      "insecure",
      "allowUnverifiedSsl",
      "server",
      "vsphereServer",
    ],
  ],
};

/** Why there is no such setting here, although other tools have it. Undefined if none has. */
export function notHere(name: string): string | undefined {
  const plain = plainly(name);
  return Object.keys(NOT_HERE).find((why) => NOT_HERE[why]?.some((foreign) => plainly(foreign) === plain));
}

/** What other tools call the values of choices, by ours. */
const FOREIGN_VALUES: Readonly<Record<string, readonly string[]>> = {
  cdrom: ["cd", "dvd"],
  disk: ["hd", "hdd", "harddisk"],
  eagerZeroedThick: ["eager", "eagerThick"],
  efi: ["uefi"],
  ethernet: ["net", "network", "nic", "pxe"],
  lsilogic: ["lsi"],
  "lsilogic-sas": ["lsisas", "sas"],
  once: ["onCreate"],
  pvscsi: ["scsi", "paravirtual"],
  sata: ["ahci"],
  thick: ["zeroedThick", "lazyZeroedThick", "lazy", "flat", "preallocated"],
  thin: ["sparse", "dynamic"],
};

/** Our value for a value of another tool. Undefined if no tool has that value. */
export function valueFromElsewhere(value: string, known: readonly string[]): string | undefined {
  const plain = plainly(value);
  return (
    known.find((own) => plainly(own) === plain) ??
    known.find((own) => FOREIGN_VALUES[own]?.some((foreign) => plainly(foreign) === plain))
  );
}

const plainly = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");
