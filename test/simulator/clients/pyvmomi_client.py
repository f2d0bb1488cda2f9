"""A pyVmomi user who takes orders: one JSON object a line in, one JSON object a line out.

An order is {"do": NAME, ...arguments}; the answer {"result": VALUE} or {"fault": TYPE, "message": TEXT}.
"""

import http.client
import json
import ssl
import sys
import tarfile
from urllib.parse import urlsplit

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim, vmodl


class Client:
    def connect(self, host, port, user, password):
        """Takes any certificate: for a loopback address pyVmomi verifies none, whatever it is told."""
        self.host = host
        self.port = port
        self.service = SmartConnect(
            host=host, port=port, user=user, pwd=password, disableSslCertValidation=True
        )
        self.content = self.service.RetrieveContent()

    def disconnect(self):
        Disconnect(self.service)

    def about(self):
        about = self.service.content.about
        return {"apiType": about.apiType, "version": about.version, "productLineId": about.productLineId}

    def inventory(self):
        """Type and name of every managed entity."""
        everything = self.content.viewManager.CreateContainerView(
            self.content.rootFolder, [vim.ManagedEntity], recursive=True
        )
        try:
            return sorted([type(entity).__name__, entity.name] for entity in everything.view)
        finally:
            everything.Destroy()

    def import_ova(self, ova, name, datastore, network):
        with tarfile.open(ova) as archive:
            descriptor = next(one for one in archive if one.name.endswith(".ovf"))
            spec = self._import_spec(archive.extractfile(descriptor).read().decode(), name, datastore, network)
            data_center = self.content.rootFolder.childEntity[0]
            pool = data_center.hostFolder.childEntity[0].resourcePool
            lease = pool.ImportVApp(spec.importSpec, data_center.vmFolder)
            self._wait_until_ready(lease)
            try:
                for item in spec.fileItem:
                    [device] = [one for one in lease.info.deviceUrl if one.importKey == item.deviceId]
                    self._upload(device.url, archive, item.path)
                    lease.Progress(100)
                lease.Complete()
            except Exception:
                lease.Abort()
                raise
            return lease.info.entity.name

    def power_on(self, vm):
        WaitForTask(self._vm(vm).PowerOn())

    def power_off(self, vm):
        WaitForTask(self._vm(vm).PowerOff())

    def reconfigure(self, vm, memory_mb, num_cpus, extra_config):
        options = [vim.option.OptionValue(key=key, value=value) for key, value in extra_config.items()]
        spec = vim.vm.ConfigSpec(memoryMB=memory_mb, numCPUs=num_cpus, extraConfig=options)
        WaitForTask(self._vm(vm).ReconfigVM_Task(spec))

    def read(self, vm):
        """Each attribute is a `Fetch` of its own."""
        machine = self._vm(vm)
        return {
            "powerState": machine.runtime.powerState,
            "memoryMb": machine.config.hardware.memoryMB,
            "numCpus": machine.summary.config.numCpu,
            "networks": [network.name for network in machine.network],
            "extraConfig": {option.key: option.value for option in machine.config.extraConfig},
            "devices": [type(device).__name__ for device in machine.config.hardware.device],
        }

    def create(self, name, guest, datastore, iso, network):
        """A VM from nothing: a disk on PVSCSI, a CD drive on SATA, an adapter, boot from CD."""
        device, add = vim.vm.device, vim.vm.device.VirtualDeviceSpec.Operation.add
        scsi = device.ParaVirtualSCSIController(key=-1, busNumber=0, sharedBus="noSharing")
        sata = device.VirtualAHCIController(key=-2, busNumber=0)
        disk = device.VirtualDisk(
            key=-3,
            controllerKey=-1,
            capacityInKB=1024,
            backing=device.VirtualDisk.FlatVer2BackingInfo(
                fileName="", diskMode="persistent", thinProvisioned=True
            ),
        )
        plug = device.VirtualDevice.ConnectInfo(startConnected=True, allowGuestControl=True, connected=False)
        cdrom = device.VirtualCdrom(
            key=-4,
            controllerKey=-2,
            connectable=plug,
            backing=device.VirtualCdrom.IsoBackingInfo(fileName=iso),
        )
        card = device.VirtualVmxnet3(
            key=-5, backing=device.VirtualEthernetCard.NetworkBackingInfo(deviceName=network)
        )
        changes = [device.VirtualDeviceSpec(operation=add, device=one) for one in (scsi, sata, cdrom, card)]
        changes.append(device.VirtualDeviceSpec(operation=add, fileOperation="create", device=disk))
        spec = vim.vm.ConfigSpec(
            name=name,
            guestId=guest,
            numCPUs=1,
            memoryMB=128,
            files=vim.vm.FileInfo(vmPathName=f"[{datastore}]"),
            deviceChange=changes,
            cpuAllocation=vim.ResourceAllocationInfo(
                limit=-1, shares=vim.SharesInfo(level="high", shares=0)
            ),
            bootOptions=vim.vm.BootOptions(bootOrder=[vim.vm.BootOptions.BootableCdromDevice()]),
        )
        datacenter = self.content.rootFolder.childEntity[0]
        pool = datacenter.hostFolder.childEntity[0].resourcePool
        WaitForTask(datacenter.vmFolder.CreateVM_Task(config=spec, pool=pool))
        config = self._vm(name).config
        return {
            "shares": config.cpuAllocation.shares.shares,
            "bootOrder": [type(one).__name__ for one in config.bootOptions.bootOrder],
        }

    def choices(self, guest):
        """What a guest system can have, and what the host has for it."""
        compute = self.content.rootFolder.childEntity[0].hostFolder.childEntity[0]
        browser = compute.environmentBrowser
        option = browser.QueryConfigOption()
        target = browser.QueryConfigTarget()
        known = [one for one in option.guestOSDescriptor if one.id == guest]
        return {
            "version": option.version,
            "versions": [one.key for one in browser.QueryConfigOptionDescriptor()],
            "controllers": [one.__name__ for one in known[0].supportedDiskControllerList],
            "cards": [one.__name__ for one in known[0].supportedEthernetCard],
            "drives": [one.name for one in target.cdRom],
            "networks": [one.name for one in target.network],
        }

    def auto_start(self, vm, order):
        """Puts a VM into the list of those that start with the host."""
        compute = self.content.rootFolder.childEntity[0].hostFolder.childEntity[0]
        manager = compute.host[0].configManager.autoStartManager
        auto = vim.host.AutoStartManager
        entry = auto.AutoPowerInfo(
            key=self._vm(vm),
            startOrder=order,
            startDelay=-1,
            waitForHeartbeat="systemDefault",
            startAction="powerOn",
            stopDelay=-1,
            stopAction="systemDefault",
        )
        defaults = auto.SystemDefaults(enabled=True)
        manager.ReconfigureAutostart(auto.Config(defaults=defaults, powerInfo=[entry]))
        return [[one.key.name, one.startOrder] for one in manager.config.powerInfo]

    def destroy(self, vm):
        WaitForTask(self._vm(vm).Destroy_Task())

    def clone(self, vm, name):
        machine = self._vm(vm)
        spec = vim.vm.CloneSpec(location=vim.vm.RelocateSpec(), powerOn=False, template=False)
        WaitForTask(machine.CloneVM_Task(machine.parent, name, spec))

    def wait_for_updates(self):
        """Waits until somebody changes the folder of VMs: for the second of two updates, as the first is the present."""
        collector = self.content.propertyCollector
        folder = self.content.rootFolder.childEntity[0].vmFolder
        names = vmodl.query.PropertyCollector.PropertySpec(type=vim.Folder, pathSet=["childEntity"])
        spec = vmodl.query.PropertyCollector.FilterSpec(
            objectSet=[vmodl.query.PropertyCollector.ObjectSpec(obj=folder)], propSet=[names]
        )
        collector.CreateFilter(spec, partialUpdates=False)
        version = collector.WaitForUpdatesEx("").version
        collector.WaitForUpdatesEx(version)

    def _vm(self, name):
        view = self.content.viewManager.CreateContainerView(self.content.rootFolder, [vim.VirtualMachine], True)
        try:
            [found] = [vm for vm in view.view if vm.name == name]
            return found
        finally:
            view.Destroy()

    def _import_spec(self, descriptor, name, datastore, network):
        data_center = self.content.rootFolder.childEntity[0]
        [store] = [one for one in data_center.datastore if one.name == datastore]
        [port_group] = [one for one in data_center.network if one.name == network]
        mapping = vim.OvfManager.NetworkMapping(name="VM Network", network=port_group)
        spec = self.content.ovfManager.CreateImportSpec(
            descriptor,
            data_center.hostFolder.childEntity[0].resourcePool,
            store,
            vim.OvfManager.CreateImportSpecParams(
                entityName=name, networkMapping=[mapping], diskProvisioning="thin"
            ),
        )
        if spec.error:
            raise spec.error[0]
        return spec

    def _wait_until_ready(self, lease):
        view = self.content.viewManager.CreateListView([lease])
        collector = self.content.propertyCollector
        states = vmodl.query.PropertyCollector.PropertySpec(type=vim.HttpNfcLease, pathSet=["state"])
        leases = vmodl.query.PropertyCollector.ObjectSpec(
            obj=view,
            skip=True,
            selectSet=[
                vmodl.query.PropertyCollector.TraversalSpec(type=vim.view.ListView, path="view", skip=False)
            ],
        )
        spec = vmodl.query.PropertyCollector.FilterSpec(objectSet=[leases], propSet=[states])
        filter_ = collector.CreateFilter(spec, partialUpdates=True)
        version = ""
        while lease.state == "initializing":
            update = collector.WaitForUpdatesEx(version, vmodl.query.PropertyCollector.WaitOptions(maxWaitSeconds=10))
            version = update.version if update else version
        filter_.Destroy()
        view.Destroy()
        if lease.state == "error":
            raise lease.error

    def _upload(self, url, archive, path):
        member = archive.getmember(path)
        target = urlsplit(url.replace("*", f"{self.host}:{self.port}"))
        connection = http.client.HTTPSConnection(target.netloc, context=ssl._create_unverified_context())
        headers = {
            "Content-Type": "application/x-vnd.vmware-streamVmdk",
            "Content-Length": str(member.size),
            "Cookie": self.service._stub.cookie,
        }
        connection.request("POST", target.path, body=archive.extractfile(member), headers=headers)
        response = connection.getresponse()
        if response.status not in (200, 201):
            raise RuntimeError(f"{path}: HTTP {response.status} {response.read().decode()}")
        connection.close()


def answer(client, order):
    name = order.pop("do")
    try:
        return {"result": getattr(client, name)(**order)}
    except vmodl.MethodFault as fault:
        return {"fault": fault._wsdlName, "message": fault.msg}
    except Exception as error:
        return {"fault": type(error).__name__, "message": str(error)}


def main():
    client = Client()
    for line in sys.stdin:
        print(json.dumps(answer(client, json.loads(line))), flush=True)


main()
