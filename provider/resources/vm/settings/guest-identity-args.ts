import type * as pulumi from "@pulumi/pulumi";

/** A route of one of the guest's interfaces. */
export interface GuestRouteArgs {
  /** The network that it leads to, `10.0.0.0/8` or `fd00::/8`. The default route is `gateway`, of IPv6 `gateway6`. */
  to: pulumi.Input<string>;
  /** The router's address. */
  via: pulumi.Input<string>;
  /** Of several routes to one place that with the lowest counts, 0–4294967295. Default: the guest's. */
  metric?: pulumi.Input<number> | undefined;
}

/** What the guest makes of one of its network adapters. With no address it asks for one by DHCP. */
export interface GuestInterfaceArgs {
  /**
   * Static addresses with the length of their network, of IPv4 and IPv6. An adapter in `networkInterfaces` that has
   * no `macAddress` then gets the one that `macOf` makes of the first. For example `["10.44.3.17/24"]`.
   */
  addresses?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Whether it asks for an IPv4 address by DHCP; not together with `addresses`. Default: if there are no `addresses`. */
  dhcp4?: pulumi.Input<boolean> | undefined;
  /** The default route's IPv4 address, in the network of one of `addresses`. Default: no default route. */
  gateway?: pulumi.Input<string> | undefined;
  /** The default route's IPv6 address, in the network of one of `addresses` or link-local. Default: none. */
  gateway6?: pulumi.Input<string> | undefined;
  /** Addresses of DNS servers. Default: none, or those of DHCP. For example `["10.44.3.1"]`. */
  nameservers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Domains that short names are looked for in. Default: none, or those of DHCP. For example `["lab.local"]`. */
  search?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Further routes. Default: none. For example `[{ to: "10.0.0.0/8", via: "10.44.3.2" }]`. */
  routes?: pulumi.Input<pulumi.Input<GuestRouteArgs>[]> | undefined;
  /** Bytes of a packet, 576–65535, with IPv6 from 1280 on. Default: the guest's, 1500. */
  mtu?: pulumi.Input<number> | undefined;
  /**
   * What the guest calls it: 1–15 letters, digits, `.`, `-` and `_`, a small letter first. Default `nic0`, `nic1`, … by its
   * place.
   */
  name?: pulumi.Input<string> | undefined;
}

/** A user of the guest, beside the one that the image has. */
export interface GuestUserArgs {
  /** Login: a small letter or `_`, then small letters, digits, `-` and `_`, at most 32. `root` is possible. */
  name: pulumi.Input<string>;
  /**
   * Password, at most 128 bytes. Only its hash (SHA-512-crypt) leaves the program: it stands neither in state nor on
   * the host. Making one takes some 10 ms; for hundreds of different ones give `passwordHash`. Default: none, so that only
   * keys let the user in.
   */
  password?: pulumi.Input<string> | undefined;
  /** The password's hash as in `/etc/shadow`, `$6$…` or `$y$…`; instead of `password`. */
  passwordHash?: pulumi.Input<string> | undefined;
  /** Public SSH keys, as in `authorized_keys`. Default: none. For example `["ssh-ed25519 AAAA… alice"]`. */
  sshAuthorizedKeys?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Whether the user may do everything by `sudo` without a password. Default false. */
  admin?: pulumi.Input<boolean> | undefined;
  /** Further groups, which are made if they are not there. Default: none. For example `["docker"]`. */
  groups?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Path of the login shell, `/bin/bash`. Default: the guest's. */
  shell?: pulumi.Input<string> | undefined;
  /** The user's name as people write it; no `:`. Default: none. */
  fullName?: pulumi.Input<string> | undefined;
}

/**
 * Who a guest is, in plain words. It is told by cloud-init's VMware data source, as metadata and vendor data: what
 * `cloudInit.userData` says goes before it, setting by setting (a list of users there replaces the one here).
 *
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html
 */
export interface GuestIdentityArgs {
  /**
   * Host name, with or without its domain: `web` or `web.lab.local`, 1–253 characters. Default: the image's. The guest takes
   * another one at its next boot.
   */
  hostname?: pulumi.Input<string> | undefined;
  /**
   * Addresses and routes of the machine's `networkInterfaces`, in their order and as many. Read at the first boot,
   * with `networkAtEveryBoot` at each. Default: the guest asks by DHCP on its first adapter.
   * For example `[{ addresses: ["10.44.3.17/24"], gateway: "10.44.3.1", nameservers: ["10.44.3.1"] }]`.
   */
  interfaces?: pulumi.Input<pulumi.Input<GuestInterfaceArgs>[]> | undefined;
  /**
   * Users beside the image's own. Read at the first boot only.
   * For example `[{ name: "alice", admin: true, sshAuthorizedKeys: ["ssh-ed25519 AAAA… alice"] }]`.
   */
  users?: pulumi.Input<pulumi.Input<GuestUserArgs>[]> | undefined;
  /** Time zone, `Europe/Paris`. Default: the image's. Read at the first boot only. */
  timezone?: pulumi.Input<string> | undefined;
  /** Locale, `fr_FR.UTF-8`. Default: the image's. Read at the first boot only. */
  locale?: pulumi.Input<string> | undefined;
  /**
   * Packages of the guest's distribution that are installed at the first boot, for which it needs a way to their server.
   * Default: none. For example `["nginx"]`.
   */
  packages?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Whether the guest's first boot goes on only when it has an address. Default false. */
  waitOnNetwork?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the guest sets its network up anew at every boot, so that a changed `interfaces` is taken at the next one. What
   * somebody has changed of its network in the guest is then lost. Switched on later, it counts from the boot after the
   * next. Default false.
   */
  networkAtEveryBoot?: pulumi.Input<boolean> | undefined;
}
