import type * as pulumi from "@pulumi/pulumi";

/** A route of one of the guest's interfaces. */
export interface GuestRouteArgs {
  /**
   * The destination network, `10.0.0.0/8` or `fd00::/8`. For the default route use `gateway`, or `gateway6` for IPv6.
   */
  to: pulumi.Input<string>;
  /** The router's address. */
  via: pulumi.Input<string>;
  /** The route with the lowest metric counts, if several lead to one network, 0–4294967295. Default: the guest's. */
  metric?: pulumi.Input<number> | undefined;
}

/** The guest's settings of one of its network adapters. Without an address it asks for one by DHCP. */
export interface GuestInterfaceArgs {
  /**
   * Static IPv4 and IPv6 addresses, each with its prefix length. If the adapter in `networkInterfaces` has no
   * `macAddress`, it gets the one that `macOf` makes of the first address. For example `["10.44.3.17/24"]`.
   */
  addresses?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Whether it asks for an IPv4 address by DHCP. Not allowed together with `addresses`. Default: true without
   * `addresses`.
   */
  dhcp4?: pulumi.Input<boolean> | undefined;
  /** The IPv4 address of the default gateway, in the network of one of `addresses`. Default: no default route. */
  gateway?: pulumi.Input<string> | undefined;
  /** The IPv6 address of the default gateway, in the network of one of `addresses` or link-local. Default: none. */
  gateway6?: pulumi.Input<string> | undefined;
  /** Addresses of DNS servers. Default: none, or those of DHCP. For example `["10.44.3.1"]`. */
  nameservers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Domains in which short names are looked up. Default: none, or those of DHCP. For example `["lab.local"]`. */
  search?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Further routes. Default: none. For example `[{ to: "10.0.0.0/8", via: "10.44.3.2" }]`. */
  routes?: pulumi.Input<pulumi.Input<GuestRouteArgs>[]> | undefined;
  /** Largest size of a packet in bytes, 576–65535, with IPv6 from 1280 on. Default: the guest's, 1500. */
  mtu?: pulumi.Input<number> | undefined;
  /**
   * The guest's name for it: 1–15 letters, digits, `.`, `-` and `_`, a small letter first. Default `nic0`, `nic1`, … by
   * its place.
   */
  name?: pulumi.Input<string> | undefined;
}

/** A user of the guest, besides the image's own. */
export interface GuestUserArgs {
  /** Login: a small letter or `_`, then small letters, digits, `-` and `_`, at most 32. `root` is possible. */
  name: pulumi.Input<string>;
  /**
   * Password, at most 128 bytes. Only its hash (SHA-512-crypt) leaves the program, so the password is neither in state
   * nor on the host. A hash takes about 10 ms: for hundreds of different passwords give `passwordHash`. Default: none,
   * so that only keys let the user in.
   */
  password?: pulumi.Input<string> | undefined;
  /** The password's hash as in `/etc/shadow`, `$6$…` or `$y$…`, instead of `password`. */
  passwordHash?: pulumi.Input<string> | undefined;
  /** Public SSH keys, as in `authorized_keys`. Default: none. For example `["ssh-ed25519 AAAA… alice"]`. */
  sshAuthorizedKeys?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Whether the user may run everything with `sudo` without a password. Default false. */
  admin?: pulumi.Input<boolean> | undefined;
  /** Further groups. The guest makes groups that it does not have. Default: none. For example `["docker"]`. */
  groups?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Path of the login shell, `/bin/bash`. Default: the guest's. */
  shell?: pulumi.Input<string> | undefined;
  /** The user's full name, without `:`. Default: none. */
  fullName?: pulumi.Input<string> | undefined;
}

/**
 * The identity of a guest. Cloud-init's VMware data source passes it on as metadata and vendor data. A setting in
 * `cloudInit.userData` wins over the same setting here. So a list of users there replaces the one here.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html
 */
export interface GuestIdentityArgs {
  /**
   * Host name, with or without its domain: `web` or `web.lab.local`, 1–253 characters. Default: the image's. Changed in
   * place; the guest takes the new name at its next boot.
   */
  hostname?: pulumi.Input<string> | undefined;
  /**
   * Addresses and routes of the machine's `networkInterfaces`: the same number, in the same order. Read at the first
   * boot, with `networkAtEveryBoot` at each. Default: the guest asks by DHCP on its first adapter. For example
   * `[{ addresses: ["10.44.3.17/24"], gateway: "10.44.3.1", nameservers: ["10.44.3.1"] }]`.
   */
  interfaces?: pulumi.Input<pulumi.Input<GuestInterfaceArgs>[]> | undefined;
  /**
   * Users besides the image's own. Read at the first boot only. For example
   * `[{ name: "alice", admin: true, sshAuthorizedKeys: ["ssh-ed25519 AAAA… alice"] }]`.
   */
  users?: pulumi.Input<pulumi.Input<GuestUserArgs>[]> | undefined;
  /** Time zone, `Europe/Paris`. Default: the image's. Read at the first boot only. */
  timezone?: pulumi.Input<string> | undefined;
  /** Locale, `fr_FR.UTF-8`. Default: the image's. Read at the first boot only. */
  locale?: pulumi.Input<string> | undefined;
  /**
   * Packages of the guest's distribution that the guest installs at its first boot. For that it must reach their
   * server. Default: none. For example `["nginx"]`.
   */
  packages?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Whether the guest's first boot waits until it has an address. Default false. */
  waitOnNetwork?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the guest sets its network up again at every boot, so that it takes changed `interfaces` at the next one.
   * Changes that somebody makes to the network in the guest are then lost. If it is switched on later, it counts from
   * the second boot on. Default false.
   */
  networkAtEveryBoot?: pulumi.Input<boolean> | undefined;
}
