import type * as pulumi from "@pulumi/pulumi";
import type { GuestIdentityArgs } from "./guest-identity.ts";

/** A document for the guest: a text, or a value that is written as JSON, which every reader of YAML takes. */
export type GuestDocument = string | Record<string, unknown>;

/**
 * What cloud-init's VMware data source finds at the guest's first boot; always kept as a secret.
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html
 */
export interface CloudInitArgs {
  /**
   * User data: a text that begins with `#cloud-config` or another head that cloud-init knows, or a value, which is
   * written as a `#cloud-config`: `{ packages: ["nginx"] }`.
   */
  userData?: pulumi.Input<GuestDocument> | undefined;
  /** Metadata: `instance-id`, `local-hostname` and so on. For example `{ "local-hostname": "web" }`. */
  metaData?: pulumi.Input<GuestDocument> | undefined;
  /**
   * Network configuration with its `version`, 1 or 2. It travels in the metadata, which then cannot be a text.
   * For example `{ version: 2, ethernets: { ens192: { dhcp4: true } } }`.
   */
  networkConfig?: pulumi.Input<GuestDocument> | undefined;
}

/** Settings that the guest reads, through VMware Tools, at its next boot. */
export interface GuestArgs {
  /**
   * Host name, addresses, users and so on, for guests with cloud-init; always kept as a secret. Changed in place; the guest
   * takes another host name at its next boot, other addresses too with `networkAtEveryBoot`, and reads everything else at its
   * first boot only. Not together with `ignition`, and nothing of it may stand in `cloudInit` too.
   * For example `{ hostname: "web", interfaces: [{ addresses: ["10.44.3.17/24"], gateway: "10.44.3.1" }] }`.
   */
  guest?: pulumi.Input<GuestIdentityArgs> | undefined;
  /**
   * Values for the guest by name: `hostname` is what `vmtoolsd --cmd "info-get guestinfo.hostname"` prints. Changed in
   * place; a name that is taken out here is removed. The guest may change its own values, which is no difference.
   * Wrap secrets in `pulumi.secret`. For example `{ hostname: "web" }`.
   */
  guestInfo?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * For cloud-init. Changed in place; most guests read it at their first boot only.
   * For example `{ userData: { packages: ["nginx"] } }`.
   */
  cloudInit?: pulumi.Input<CloudInitArgs> | undefined;
  /**
   * A configuration for Ignition (Fedora CoreOS, Flatcar), always kept as a secret. Changed in place; the guest reads
   * it at its first boot only. For example `{ ignition: { version: "3.4.0" } }`.
   */
  ignition?: pulumi.Input<GuestDocument> | undefined;
  /**
   * Public SSH keys, as in `authorized_keys`, for the guest's default user; installed by cloud-init.
   * For example `["ssh-ed25519 AAAA… me"]`.
   */
  sshAuthorizedKeys?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}
