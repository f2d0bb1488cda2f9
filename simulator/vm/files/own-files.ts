/** Which files in a VM's folder, besides its disks, are its own. The host makes them, and removes them with the VM. */
export function isOwnFile(vmBaseName: string, name: string): boolean {
  return (
    /^vmware(-\d+)?\.log$/.test(name) ||
    (name.startsWith(vmBaseName) && OWN_ENDING.test(name.slice(vmBaseName.length)))
  );
}

const OWN_ENDING = /^(-Snapshot\d+)?\.(vmx|vmxf|vmsd|vmsn|vmem|nvram|vmss|vswp)$/;
