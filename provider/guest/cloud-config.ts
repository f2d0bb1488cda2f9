import type { GuestIdentity, GuestUser } from "./identity.ts";

/** As `wheel` or `sudo` would, whose name depends on the guest. */
const MAY_ALL = "ALL=(ALL) NOPASSWD:ALL";

/**
 * What the guest makes of itself at its first boot, as a `#cloud-config`; nothing if there is nothing to say. Host name and
 * network are told in the metadata.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/modules.html
 */
export function cloudConfig(guest: GuestIdentity): Readonly<Record<string, unknown>> | undefined {
  const { users, timezone, locale, packages, networkAtEveryBoot } = guest;
  const config = {
    // A list without the image's own user would leave it out.
    ...(users !== undefined && { users: ["default", ...users.map(user)] }),
    ...(hasPassword(guest) && { ssh_pwauth: true }),
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    ...(packages !== undefined && { packages }),
    ...(networkAtEveryBoot === true && { updates: { network: { when: ["boot-new-instance", "boot"] } } }),
  };
  return Object.keys(config).length > 0 ? config : undefined;
}

/** Whether the documents hold what nobody but the guest's root is to read. */
export const hasPassword = ({ users = [] }: GuestIdentity): boolean =>
  users.some(({ passwordHash }) => passwordHash !== undefined);

function user({ name, passwordHash, sshAuthorizedKeys, admin, groups, shell, fullName }: GuestUser) {
  return {
    name,
    ...(fullName !== undefined && { gecos: fullName }),
    // Not `passwd`, which does nothing for a user that the image has.
    ...(passwordHash !== undefined && { hashed_passwd: passwordHash, lock_passwd: false }),
    ...(sshAuthorizedKeys !== undefined && { ssh_authorized_keys: sshAuthorizedKeys }),
    ...(admin === true && { sudo: MAY_ALL }),
    ...(groups !== undefined && { groups }),
    ...(shell !== undefined && { shell }),
  };
}
