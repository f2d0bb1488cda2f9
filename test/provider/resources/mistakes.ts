import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";

/** A mistake in a program as somebody made it, and what the preview says of it. */
interface Mistake {
  /** A student with the exercise, the owner of a lab at home who knows Terraform, a teacher of forty. */
  readonly by: "student" | "home lab" | "teacher";
  readonly kind: string;
  readonly args: Properties;
  /** Failures and warnings, each at least in its essential words. */
  readonly says: readonly string[];
}

/** Mistakes that a preview tells of without asking a host, in a project that has tinyVM.ova, page.ova (a web page) and a folder images. */
export const MISTAKES: readonly Mistake[] = [
  {
    by: "student",
    kind: "ScratchVm",
    args: { memory: "512" },
    says: ["memory: must be a number (MB), not a text: write it without quotes"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { disks: [{ size: "20GB" }] },
    says: ["disks.0.size: must be a number (GB), not a text"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { ram: 512 },
    says: ["ram: there is no such setting; did you mean memory?"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { cpu: 2 },
    says: ["cpu: there is no such setting; did you mean numCpus?"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { disk_size: 1024 },
    says: ["disk_size: there is no such setting; did you mean disks: [{ size }]?"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { iso_path: "[datastore1]/test/Core-5.4.iso" },
    says: ["iso_path: there is no such setting; did you mean cdroms: [{ iso }]?"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { vm_name: "core" },
    says: ["vm_name: there is no such setting; did you mean name?"],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyVM.ova", datacenter: "ha-datacenter" },
    says: ["datacenter: there is no such setting: a host without vCenter has none: leave it out"],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyVM.ova", num_instances: 3 },
    says: [
      "num_instances: there is no such setting: one resource is one of it: make several in a loop of the program, or machines with VmFleet",
    ],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ova_path: "tinyVM.ova" },
    says: ["is required", "ova_path: there is no such setting; did you mean ovaPath?"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { waitFor: true },
    says: ["waitFor: must be an object such as { ip: true }, not true"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { disks: { size: 4 } },
    says: ['disks: must be a list, such as [{ label: "…" }], not an object'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { disks: [20] },
    says: ['disks.0: must be an object such as { label: "…" }, not a number'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { networkInterfaces: ["VM Network"] },
    says: ['networkInterfaces.0: must be an object such as { network: "…" }, not a text'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { networkInterfaces: "VM Network" },
    says: ['networkInterfaces: must be a list, such as [{ network: "…" }], not a text'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { network: "VM Network" },
    says: ["network: there is no such setting; did you mean networkInterfaces?"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { cdroms: ["[datastore1] x.iso"] },
    says: ['cdroms.0: must be an object such as { iso: "…" }, not a text'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { cdrom: { iso: "[datastore1] x.iso" } },
    says: ["cdrom: there is no such setting; did you mean cdroms?"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { cdroms: [{ iso: "datastore1/iso/x.iso" }] },
    says: [
      'cdroms.0.iso: must be a datastore path like "[datastore1] iso/Core-5.4.iso". A DatastoreFile brings a file of your own machine there. Write its datastorePath here',
    ],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { cdroms: [{ iso: "/vmfs/volumes/datastore1/iso/x.iso" }] },
    says: [
      'cdroms.0.iso: must be a datastore path like "[datastore1] iso/Core-5.4.iso", instead of /vmfs/volumes/datastore1/iso/Core-5.4.iso',
    ],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { cdroms: [{ iso: "images/Core-5.4.iso" }] },
    says: [
      'cdroms.0.iso: must be a datastore path like "[datastore1] iso/Core-5.4.iso". A DatastoreFile brings a file of your own machine there. Write its datastorePath here',
    ],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { disks: [{ size: 4, provisioning: "Thin" }] },
    says: ['disks.0.provisioning: must be one of thin, thick, eagerZeroedThick; did you mean "thin"?'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { disks: [{ size: 4, provisioning: "zeroedthick" }] },
    says: ['disks.0.provisioning: must be one of thin, thick, eagerZeroedThick; did you mean "thick"?'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { disks: [{ size: 4, controller: "scsi" }] },
    says: [
      'disks.0.controller: must be one of pvscsi, lsilogic, lsilogic-sas, buslogic, sata, nvme, ide; did you mean "pvscsi"?',
    ],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { powerOn: "true" },
    says: ['powerOn: must be true, false or "once": write it without quotes'],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: {
      ovaPath: "tinyVM.ova",
      ovfNetworkMap: { "VM Network": "VM Network" },
      networkInterfaces: [{ network: "VM Network" }],
    },
    says: [
      "ovfNetworkMap: the machine gets the adapters of networkInterfaces, and this map is ignored. Leave one of the two out.",
    ],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyvm.ova" },
    says: ["tinyvm.ova: there is no such file; did you mean tinyVM.ova?"],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "~/tinyVM.ova" },
    says: [
      "~/tinyVM.ova: there is no such file. The ~ means a home folder in a shell only: write the whole path, or one relative to the folder of Pulumi.yaml",
    ],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "images" },
    says: ["images: is a folder, not a file"],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "page.ova" },
    says: [
      "page.ova: is an HTML page: a download portal answers so if it first asks for a login or a licence. Download the file in a browser, and give that file",
    ],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyVM.ova", ovfNetworkMap: { "VM Netwrk": "lab" } },
    says: [
      'ovfNetworkMap.VM Netwrk: the OVF has no network "VM Netwrk": did you mean "VM Network"? The OVF has "VM Network"',
    ],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyVM.ova", deploymentOption: "small" },
    says: ['deploymentOption: the OVF has no deployment option "small": the OVF has no deployment options'],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyVM.ova", diskProvisioning: "sparse" },
    says: ['diskProvisioning: must be one of thin, thick, eagerZeroedThick; did you mean "thin"?'],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { serialPorts: [{}] },
    says: ["serialPorts.0: must have exactly one of file, networkUri and hostDevice"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { floppy: true },
    says: ['floppy: must be an object such as { image: "…" }, not true'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { memory: 4 },
    says: ["memory: 4 MB is very little; did you mean 4096 (4 GB)? The unit is MB."],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { memory: 0.5 },
    says: [
      "memory: must be a whole number",
      "memory: 0.5 MB is very little; did you mean 512 (0.5 GB)? The unit is MB.",
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { disks: [{ size: 20480 }] },
    says: ["disks[0].size: 20480 GB is 20 TB; did you mean 20 (20480 MB)? The unit is GB."],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { memory: "2GB" },
    says: ["memory: must be a number (MB), not a text"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { numCpu: 2 },
    says: ["numCpu: there is no such setting; did you mean numCpus?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { num_cpus: 2 },
    says: ["num_cpus: there is no such setting; did you mean numCpus?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { memoryMB: 512 },
    says: ["memoryMB: there is no such setting; did you mean memory?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { networkInterfaces: [{ networkId: "VM Network" }] },
    says: [
      "networkInterfaces.0.network: is required",
      "networkInterfaces.0.networkId: there is no such setting; did you mean network?",
    ],
  },
  {
    by: "home lab",
    kind: "DatastoreClone",
    args: { template: "debian-12" },
    says: ["is required", "template: there is no such setting; did you mean source?"],
  },
  {
    by: "home lab",
    kind: "DatastoreClone",
    args: { clone: { templateUuid: "x" } },
    says: ["is required", "clone: there is no such setting; did you mean source?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { notes: "x" },
    says: ["notes: there is no such setting; did you mean annotation?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { datastoreId: "datastore1" },
    says: ["datastoreId: there is no such setting; did you mean datastore?"],
  },
  {
    by: "home lab",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyVM.ova", ovfDeploy: { localOvfPath: "a.ova" } },
    says: ["ovfDeploy: there is no such setting; did you mean ovaPath?"],
  },
  {
    by: "home lab",
    kind: "OvaDeployment",
    args: { ovaPath: "tinyVM.ova", vapp: { properties: { a: "b" } } },
    says: ["vapp: there is no such setting; did you mean properties?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { disks: [{ size: 4, thinProvisioned: true }] },
    says: ["disks.0.thinProvisioned: there is no such setting; did you mean provisioning?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { scsiType: "pvscsi" },
    says: ["scsiType: there is no such setting; did you mean disks: [{ controller }]?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { firmware: "UEFI" },
    says: ['firmware: must be one of bios, efi; did you mean "efi"?'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { firmware: "uefi" },
    says: ['firmware: must be one of bios, efi; did you mean "efi"?'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { guestId: "debian12" },
    says: ['guestId: is no guest that vSphere knows; did you mean "debian12Guest"?'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { guestId: "ubuntu" },
    says: ['guestId: is no guest that vSphere knows; did you mean "ubuntuGuest"?'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { networkInterfaces: [{ network: "VM Network", adapterType: "virtio" }] },
    says: ["networkInterfaces.0.adapterType: must be one of vmxnet3, e1000e, e1000, pcnet32"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { networkInterfaces: [{ network: "VM Network", adapterType: "VMXNET3" }] },
    says: [
      'networkInterfaces.0.adapterType: must be one of vmxnet3, e1000e, e1000, pcnet32; did you mean "vmxnet3"?',
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { networkInterfaces: [{ network: "VM Network", macAddress: "0050.5620.0011" }] },
    says: [
      "networkInterfaces.0.macAddress: must be six pairs of hexadecimal digits with colons between, like 00:50:56:01:02:03",
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { cloudInit: { userData: "packages: [nginx]\n" } },
    says: [
      'cloudInit.userData: cloud-init ignores a text that begins like this one. Its first line must be "#cloud-config", "#!" with a program, or another head that cloud-init knows.',
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { cloudInit: { networkConfig: { ethernets: {} } } },
    says: [
      "cloudInit.networkConfig: must have a version, such as { version: 2, ethernets: { … } }: cloud-init takes no other",
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { cloudInit: "#cloud-config\n" },
    says: ['cloudInit: must be an object such as { userData: "…" }, not a text'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { cloudInit: { user_data: "#cloud-config\n" } },
    says: ["cloudInit.user_data: there is no such setting; did you mean userData?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { sshAuthorizedKeys: "ssh-ed25519 AAAA me" },
    says: ['sshAuthorizedKeys: must be a list, such as ["…"], not a text'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { sshAuthorizedKeys: ["~/.ssh/id_ed25519.pub"] },
    says: ["sshAuthorizedKeys.0: must be a public key as in authorized_keys, ssh-ed25519 AAAA… for instance"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { guestInfo: { a: "1" }, extraConfig: { "guestinfo.a": "2" } },
    says: [
      "extraConfig.guestinfo.a: is the same key as guestInfo.a: hosts ignore case in keys. Use one of the two",
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { hardwareVersion: "vmx-19" },
    says: ["hardwareVersion: must be a number, such as 19, not a text"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { hardwareVersion: 12 },
    says: [
      "hardwareVersion: must be a version that ESXi runs: 4, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21, 22",
    ],
  },
  {
    by: "home lab",
    kind: "PortGroup",
    args: { virtualSwitch: "vSwitch0", vlan: 10 },
    says: ["vlan: there is no such setting; did you mean vlanId?"],
  },
  {
    by: "home lab",
    kind: "PortGroup",
    args: { virtualSwitch: "vSwitch0", vlanId: "10" },
    says: ["vlanId: must be a number, not a text: write it without quotes"],
  },
  {
    by: "home lab",
    kind: "PortGroup",
    args: { virtualSwitch: "vSwitch0", vlanId: 5000 },
    says: ["vlanId: must be at most 4095"],
  },
  {
    by: "home lab",
    kind: "PortGroup",
    args: { vswitch: "vSwitch0" },
    says: ["virtualSwitch: is required", "vswitch: there is no such setting; did you mean virtualSwitch?"],
  },
  {
    by: "home lab",
    kind: "DatastoreFile",
    args: { path: "[datastore1] iso/x.iso", source: "tinyVM.ova" },
    says: ["path: must be the path without the datastore: write datastore and path as two arguments"],
  },
  {
    by: "home lab",
    kind: "DatastoreFile",
    args: { path: "/iso/x.iso", source: "tinyVM.ova" },
    says: ["path: must not begin with a slash, because it is relative to the datastore's root"],
  },
  {
    by: "home lab",
    kind: "DatastoreFile",
    args: { path: "iso/x.iso", source: "nowhere.iso" },
    says: ["nowhere.iso: there is no such file"],
  },
  {
    by: "home lab",
    kind: "DatastoreFile",
    args: { path: "iso/x.iso", content: "text" },
    says: ["is required"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { memory: null },
    says: ["memory: must be a number (MB), not null: leave it out instead"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { extraConfig: [{ key: "a", value: "b" }] },
    says: ['extraConfig: must be an object such as { name: "…" }, not a list'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { extraConfig: { "disk.enableUUID": true } },
    says: ["extraConfig.disk.enableUUID: must be a text, not true: put it in quotes"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { bootOrder: "cdrom" },
    says: ['bootOrder: must be a list, such as ["disk"], not a text'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { bootOrder: ["cd"] },
    says: ['bootOrder.0: must be one of disk, cdrom, ethernet, floppy; did you mean "cdrom"?'],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { powerOn: "Once" },
    says: ['powerOn: must be true, false or "once"; did you mean "once"?'],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { autoStart: true },
    says: ["autoStart: must be an object such as { enabled: true }, not true"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { networkInterfaces: [{ network: "VM Network", macAddress: "00:0c:29:11:22:33" }] },
    says: [
      "networkInterfaces.0.macAddress: must not be in a range in which VMware generates addresses itself: 00:0c:29, and 00:50:56 from 00:50:56:40:00:00 on",
    ],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: {
      networkInterfaces: [
        { network: "a", macAddress: "00:50:56:20:00:11" },
        { network: "b", macAddress: "00:50:56:20:00:11" },
      ],
    },
    says: ["networkInterfaces.1.macAddress: is also that of networkInterfaces.0"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { memory: 1001 },
    says: ["memory: must be a multiple of 4 MB, otherwise the host does not power the VM on"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { numCpus: 3, numCoresPerSocket: 2 },
    says: ["numCoresPerSocket: must divide numCpus, which is 3"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { name: "x".repeat(90) },
    says: ["name: must have at most 80 characters"],
  },
  { by: "teacher", kind: "ScratchVm", args: { name: "" }, says: ["name: must not be empty"] },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { timeouts: { create: 300 } },
    says: ["timeouts.create: there is no such setting; did you mean createSeconds?"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { timeouts: 300 },
    says: ["timeouts: must be an object such as { createSeconds: 1 }, not a number"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { waitFor: { ip: true, timeout: 60 } },
    says: ["waitFor.timeout: there is no such setting; did you mean timeoutSeconds?"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { waitFor: { ip: "10.0.0.5" } },
    says: ["waitFor.ip: must be true or false, not a text"],
  },
  {
    by: "teacher",
    kind: "DatastoreClone",
    args: { source: "debian-12", mode: "Linked" },
    says: ['mode: must be one of full, linked; did you mean "linked"?'],
  },
  {
    by: "teacher",
    kind: "DatastoreClone",
    args: { source: "debian-12", mode: "link" },
    says: ['mode: must be one of full, linked; did you mean "linked"?'],
  },
  { by: "teacher", kind: "DatastoreClone", args: {}, says: ["is required"] },
  { by: "teacher", kind: "HostService", args: { key: "ssh", running: true }, says: ["service: is required"] },
  {
    by: "teacher",
    kind: "ResourcePool",
    args: { memoryLimit: "8GB" },
    says: ["memoryLimit: must be a number (MB), not a text"],
  },
  { by: "teacher", kind: "VmSnapshot", args: { vmName: "web" }, says: ["vm: is required"] },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { cpuLimit: "2GHz" },
    says: ["cpuLimit: must be a number (MHz), not a text"],
  },
  {
    by: "teacher",
    kind: "ScratchVm",
    args: { memory: 512, memoryReservation: 1024 },
    says: ["memoryReservation: must not exceed memory, which is 512 MB"],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: {
      ovaPath: "tinyVM.ova",
      ovfNetworkMap: { "VM Network": "lab-net" },
      networkInterfaces: [{ network: "lab-net" }],
    },
    says: ["ovfNetworkMap: the machine gets the adapters of networkInterfaces"],
  },
  {
    by: "student",
    kind: "OvaDeployment",
    args: { ovaPath: "images\\tinyVM.ova" },
    says: ["there is no such file. Folders are separated by / here, not by \\"],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { dependsOn: [] },
    says: [
      "dependsOn: there is no such setting: it is an option of Pulumi, which stands in a third argument",
    ],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { networkInterfaces: [{ network: "VM Network", ip: "10.0.0.5" }] },
    says: [
      "networkInterfaces.0.ip: there is no such setting: an address is the guest's own: guest: { interfaces:",
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { guest: { ip: "10.0.0.5/24" } },
    says: ["guest.ip: there is no such setting; did you mean interfaces: [{ addresses }]?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { guest: { password: "secret" } },
    says: ["guest.password: there is no such setting; did you mean users: [{ password }]?"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: {
      networkInterfaces: [{ network: "VM Network" }],
      guest: { interfaces: [{ addresses: ["10.0.0.5"] }] },
    },
    says: [
      "guest.interfaces.0.addresses.0: must be an address with its prefix length, such as 10.44.3.17/24",
    ],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { guest: { hostname: "my host", users: ["alice"] } },
    says: [
      'guest.hostname: must be of letters, digits and "-"',
      'guest.users.0: must be an object such as { name: "…" }, not a text',
    ],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { adopt: true },
    says: ['adopt: must be an object such as { name: "…" }, not true'],
  },
  {
    by: "home lab",
    kind: "PortGroup",
    args: { virtualSwitch: "vSwitch0", adopt: { name: "VM Network" } },
    says: ["adopt: must be true or false, not an object"],
  },
  {
    by: "teacher",
    kind: "Placement",
    args: { keys: ["alice"], places: ["lab1"] },
    says: ['places.0: must be an object such as { host: "…" }, not a text'],
  },
  {
    by: "teacher",
    kind: "VmSnapshot",
    args: { vm: "golden", snapshotName: "clean" },
    says: ["snapshotName: there is no such setting; did you mean name?"],
  },
  {
    by: "student",
    kind: "HostService",
    args: { service: "ssh", running: "yes" },
    says: ["running: must be true or false, not a text"],
  },
  {
    by: "student",
    kind: "DatastoreFile",
    args: { path: "iso/x.iso", source: { path: "x.iso" } },
    says: ["source: must be a text, not an object"],
  },
];

/** Mistakes that only a host can tell of; it has datastore1 of 100 GB, a machine debian-12 that is off, and one that runs. */
export const HOST_MISTAKES: readonly Mistake[] = [
  {
    by: "student",
    kind: "ScratchVm",
    args: { datastore: "Datastore1" },
    says: [
      'has no datastore "Datastore1": did you mean "datastore1"?',
      "Set `datastore`",
      "Nothing was created",
    ],
  },
  {
    by: "student",
    kind: "ScratchVm",
    args: { name: "debian-12" },
    says: ['has a VM named "debian-12" already, and it is left alone'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { resourcePool: "prod" },
    says: ['has no resource pool "prod"', '"Resources"', "Set `resourcePool`"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { hardwareVersion: 22 },
    says: ["hardwareVersion 22 is newer than what the host runs", "runs up to 21"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { disks: [{ size: 500, provisioning: "thick" }] },
    says: ["Insufficient disk space", "datastore1"],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { adopt: { name: "debian-11" } },
    says: ['no machine named "debian-11" to adopt: did you mean "debian-12"?'],
  },
  {
    by: "home lab",
    kind: "ScratchVm",
    args: { name: "debian-12", adopt: { name: "debian-12" }, memory: 2048, powerOn: false },
    says: ["memory: the machine has 512, the program says 2048", "Make the program say what is there"],
  },
  {
    by: "home lab",
    kind: "PortGroup",
    args: { name: "VM Network", virtualSwitch: "vSwitch0" },
    says: ['has the port group "VM Network" already', "adopt: true"],
  },
  {
    by: "home lab",
    kind: "PortGroup",
    args: { name: "lab", virtualSwitch: "vswitch9" },
    says: ['no vSwitch "vswitch9"', 'did you mean "vSwitch0"?'],
  },
  {
    by: "home lab",
    kind: "VirtualSwitch",
    args: { name: "lab", networkAdapters: ["vmnic9"], activeNics: ["vmnic9"] },
    says: ['no network adapter "vmnic9"', "vmnic0"],
  },
  {
    by: "teacher",
    kind: "DatastoreClone",
    args: { source: "debian-13" },
    says: ['no virtual machine "debian-13" to clone: did you mean "debian-12"?', "Nothing was created"],
  },
  {
    by: "teacher",
    kind: "DatastoreClone",
    args: { source: "running" },
    says: ['"running"', "powered on", "poweredOnSource"],
  },
  {
    by: "teacher",
    kind: "VmSnapshot",
    args: { vm: "debian12" },
    says: ['no virtual machine named "debian12": did you mean "debian-12"?'],
  },
];
