import type { GuestIdentity, GuestUser } from "./identity.ts";

/** Rights like those of `wheel` or `sudo`. The name of that group depends on the guest. */
const MAY_ALL = "ALL=(ALL) NOPASSWD:ALL";

/**
 * The configuration for the guest's first boot, as a `#cloud-config`. Empty if there is nothing to configure. Host name
 * and network are in the metadata.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/modules.html
 */
export function cloudConfig(guest: GuestIdentity): Readonly<Record<string, unknown>> | undefined {
  const { users, timezone, locale, packages, networkAtEveryBoot } = guest;
  const config = {
    // A list without the image's own user would remove that user.
    ...(users !== undefined && { users: ["default", ...users.map(user)] }),
    ...(hasPassword(guest) && { ssh_pwauth: true }),
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    ...(packages !== undefined && { packages }),
    ...(networkAtEveryBoot === true && { updates: { network: { when: ["boot-new-instance", "boot"] } } }),
  };
  return Object.keys(config).length > 0 ? config : undefined;
}

/** Whether the documents hold secrets that only the guest's root may read. */
export const hasPassword = ({ users = [] }: GuestIdentity): boolean =>
  users.some(({ passwordHash }) => passwordHash !== undefined);

function user({ name, passwordHash, sshAuthorizedKeys, admin, groups, shell, fullName }: GuestUser) {
  return {
    name,
    ...(fullName !== undefined && { gecos: fullName }),
    // Not `passwd`, which does nothing for a user that the image already has.
    ...(passwordHash !== undefined && { hashed_passwd: passwordHash, lock_passwd: false }),
    ...(sshAuthorizedKeys !== undefined && { ssh_authorized_keys: sshAuthorizedKeys }),
    ...(admin === true && { sudo: MAY_ALL }),
    ...(groups !== undefined && { groups }),
    ...(shell !== undefined && { shell }),
  };
}
