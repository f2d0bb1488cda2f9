/** Texts for the tools that take machines over: pure functions of plain records. */
export { type AnsibleInventoryOptions, ansibleInventory } from "./ansible-inventory.ts";
export { type DnsmasqDhcpOptions, dnsmasqDhcp, keaReservations } from "./dhcp.ts";
export { type DnsmasqHostsOptions, dnsmasqHosts, type NsupdateOptions, nsupdateScript } from "./dns.ts";
export {
  type GuacamoleConnection,
  type GuacamoleLinkOptions,
  type GuacamoleLogin,
  type GuacamolePerson,
  guacamoleLink,
  guacamoleMapping,
} from "./guacamole.ts";
export { HandOverError } from "./hand-over-error.ts";
export type { MachineRecord, PlainValue } from "./machine-record.ts";
export { type SshConfigOptions, sshConfig } from "./ssh-config.ts";
