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
