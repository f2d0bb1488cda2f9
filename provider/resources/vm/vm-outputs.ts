/** Names of the outputs of every virtual machine that are not inputs. */
export const VM_OUTPUTS = [
  "moid",
  "uuid",
  "instanceUuid",
  "vmxPath",
  "powerState",
  "macAddresses",
  "defaultIpAddress",
  "guestIpAddresses",
  "hostUuid",
] as const;

/** Names of the outputs that a program may also give as inputs. */
export const VM_SETTINGS_SHOWN = [
  "datastore",
  "numCpus",
  "numCoresPerSocket",
  "memory",
  "annotation",
] as const;
