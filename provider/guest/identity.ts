/** The identity of a guest, after the check. */
export interface GuestIdentity {
  readonly hostname?: string | undefined;
  readonly interfaces?: readonly GuestInterface[] | undefined;
  readonly users?: readonly GuestUser[] | undefined;
  readonly timezone?: string | undefined;
  readonly locale?: string | undefined;
  readonly packages?: readonly string[] | undefined;
  readonly waitOnNetwork?: boolean | undefined;
  readonly networkAtEveryBoot?: boolean | undefined;
}

/** The guest's settings of one of its network adapters. */
export interface GuestInterface {
  readonly addresses?: readonly string[] | undefined;
  readonly dhcp4?: boolean | undefined;
  readonly gateway?: string | undefined;
  readonly gateway6?: string | undefined;
  readonly nameservers?: readonly string[] | undefined;
  readonly search?: readonly string[] | undefined;
  readonly routes?: readonly GuestRoute[] | undefined;
  readonly mtu?: number | undefined;
  readonly name?: string | undefined;
}

interface GuestRoute {
  readonly to: string;
  readonly via: string;
  readonly metric?: number | undefined;
}

export interface GuestUser {
  readonly name: string;
  readonly passwordHash?: string | undefined;
  readonly sshAuthorizedKeys?: readonly string[] | undefined;
  readonly admin?: boolean | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly shell?: string | undefined;
  readonly fullName?: string | undefined;
}
