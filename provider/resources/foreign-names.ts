/**
 * What people write who come from other tools (`@pulumi/vsphere`, Terraform, ovftool, Ansible, the course's JSON), by
 * our name. Compared without case, `_` and `-`.
 */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  adapterType: ["nicType", "virtualDev", "model", "type"],
  adopt: ["import", "importId"],
  allowForgedTransmits: ["forgedTransmits"],
  allowMacChanges: ["macChanges"],
  allowPromiscuous: ["promiscuous", "promiscuousMode"],
  annotation: ["notes", "note", "description", "comment"],
  attach: ["attachPath", "existingDisk", "path", "file"],
  cdroms: ["cdrom", "cd", "dvd"],
  controller: ["controllerType", "scsiType", "diskController"],
  createSeconds: ["create"],
  datastore: ["datastoreId", "datastoreName", "diskStore", "storage"],
  deleteSeconds: ["delete"],
  deploymentOption: ["ovfDeploymentOption", "configuration"],
  diskProvisioning: ["diskMode", "diskFormat"],
  disks: ["disk", "virtualDisks", "hardDisks"],
  extraConfig: ["advancedSettings", "vmxSettings", "vmx"],
  firmware: ["efi", "uefi", "bootFirmware"],
  guestId: ["guestOs", "guestOsType", "osType", "guest"],
  guestInfo: ["guestinfoProperties", "guestProperties"],
  host: ["hostSystemId", "hostName", "esxiHost"],
  hostDevice: ["clientDevice"],
  ip: ["waitForIp", "guestIp"],
  iso: ["isoPath", "datastoreIsoPath", "path"],
  macAddress: ["mac", "staticMac"],
  memory: ["ram", "mem", "memorySize", "memoryMb", "memsize", "memoryGb"],
  namePattern: ["pattern", "nameRegex"],
  network: ["networkId", "networkName", "networkLabel", "portGroup", "virtualNetwork"],
  networkAdapters: ["uplinks", "uplink", "nics", "physicalNics"],
  networkInterfaces: ["networkInterface", "networks", "network", "nics", "nic", "net0"],
  numCoresPerSocket: ["coresPerSocket"],
  numCpus: ["numCpu", "cpus", "cpu", "vcpus", "vcpu", "numVcpus", "cores"],
  numPorts: ["numberOfPorts", "ports"],
  ovaPath: [
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
  provisioning: ["thinProvisioned", "eagerlyScrub", "diskType", "type"],
  resourcePool: ["resourcePoolId", "resourcePoolName", "pool"],
  shutdownSeconds: ["shutdownWaitTimeout"],
  size: ["diskSize", "sizeGb", "capacity", "sizeInGb"],
  source: ["template", "templateUuid", "clone", "cloneFrom", "cloneFromVm", "base", "localPath"],
  sshAuthorizedKeys: ["sshKeys", "sshPublicKeys", "authorizedKeys", "sshPublicKey", "sshKey"],
  tcpPort: ["tcp", "port"],
  updateSeconds: ["update"],
  virtualSwitch: ["vswitch", "virtualSwitchName", "hostVirtualSwitch", "switch"],
  vlanId: ["vlan", "vlanTag"],
  waitFor: ["waitForGuestNetTimeout", "waitForGuestIpTimeout", "waitForGuestNetRoutable", "wait"],
};

/** The name here of what other tools call so; undefined if that is none of these names. */
export function fromElsewhere(name: string, known: readonly string[]): string | undefined {
  const plain = plainly(name);
  return (
    known.find((own) => plainly(own) === plain) ??
    known.find((own) => FOREIGN[own]?.some((foreign) => plainly(foreign) === plain))
  );
}

const plainly = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");
