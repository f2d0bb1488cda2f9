import { isIP, isIPv4, isIPv6 } from "node:net";
import * as v from "valibot";
import { isOneMachines, parseSubnet } from "../../../guest/subnet.ts";
import { text, unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import { sshKey } from "./ssh-key.ts";

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const DOMAIN_LENGTH = 253;

const isDomain = (value: string) =>
  value.length <= DOMAIN_LENGTH && value.split(".").every((label) => LABEL.test(label));
const domain = v.pipe(
  text,
  v.check(
    isDomain,
    'must be of letters, digits and "-", in parts of at most 63 with dots between: web or web.lab.local',
  ),
);

const ipv4 = v.pipe(
  text,
  v.check((value) => isIPv4(value), "must be an IPv4 address, such as 10.44.3.1"),
);
const ipv6 = v.pipe(
  text,
  v.check((value) => isIPv6(value) && !value.includes("%"), "must be an IPv6 address, such as fd00::1"),
);
const anyIp = v.pipe(
  text,
  v.check((value) => isIP(value) !== 0 && !value.includes("%"), "must be an IP address, such as 10.44.3.1"),
);

const subnet = v.pipe(
  text,
  v.check(
    (value) => parseSubnet(value) !== undefined,
    "must be an address with its prefix length, such as 10.44.3.17/24",
  ),
);

const ownAddress = v.pipe(
  subnet,
  v.check(
    (value) => isOneMachines(parseSubnet(value) ?? { address: "", length: 0 }),
    "must be the address of one machine, but it is the address of a network",
  ),
);

const route = v.strictObject(
  {
    to: v.pipe(
      text,
      v.check(
        (value) => value !== "default" && !/^(0\.0\.0\.0|[0:]+)\/0$/.test(value),
        "must not be the default route. Use gateway for it, or gateway6 for IPv6",
      ),
      v.check((value) => parseSubnet(value) !== undefined, "must be a network, such as 10.0.0.0/8"),
    ),
    via: anyIp,
    metric: v.optional(wholeNumber(0, 4_294_967_295, "")),
  },
  unknownSetting,
);

const guestInterface = v.strictObject(
  {
    addresses: v.optional(v.array(ownAddress, "must be a list")),
    dhcp4: v.optional(yesOrNo),
    gateway: v.optional(ipv4),
    gateway6: v.optional(ipv6),
    nameservers: v.optional(v.array(anyIp, "must be a list")),
    search: v.optional(v.array(domain, "must be a list")),
    routes: v.optional(v.array(route, "must be a list")),
    mtu: v.optional(wholeNumber(576, 65_535, "bytes")),
    name: v.optional(
      v.pipe(
        text,
        v.regex(
          /^[a-z][a-z0-9._-]{0,14}$/i,
          "must be 1 to 15 letters, digits, dots, - and _, and begin with a letter",
        ),
      ),
    ),
  },
  unknownSetting,
);

const LOGIN = /^[a-z_][a-z0-9_-]{0,31}$/;
const login = (what: string) =>
  v.pipe(
    text,
    v.regex(
      LOGIN,
      `must be a ${what} of small letters, digits, - and _, at most 32, that begins with a letter or _`,
    ),
  );

const user = v.strictObject(
  {
    name: v.pipe(
      login("login"),
      v.check(
        (name) => name !== "default",
        "must not be default, because that is cloud-init's name for the image's own user. Give its keys in sshAuthorizedKeys",
      ),
    ),
    // The class replaces every valid password by its hash. So a password that arrives here is not valid.
    password: v.optional(
      v.pipe(
        text,
        v.check(() => false, "must have 1 to 128 bytes, and no null character"),
      ),
    ),
    passwordHash: v.optional(
      v.pipe(
        text,
        v.regex(
          /^\$[0-9a-z]{1,3}\$[./A-Za-z0-9$,=]{10,}$/,
          "must be a hash as in /etc/shadow, which begins with $6$ or $y$, and not the password itself",
        ),
      ),
    ),
    sshAuthorizedKeys: v.optional(v.array(sshKey, "must be a list")),
    admin: v.optional(yesOrNo),
    groups: v.optional(v.array(login("group's name"), "must be a list")),
    shell: v.optional(
      v.pipe(
        text,
        v.regex(/^(\/[\w.+-]+)+$/, "must be the path of a program in the guest, such as /bin/bash"),
      ),
    ),
    fullName: v.optional(
      v.pipe(
        text,
        v.check(
          (value) => !/[:\p{Cc}\p{Cs}\u2028\u2029]/u.test(value),
          "must have no colon and no control characters",
        ),
      ),
    ),
  },
  unknownSetting,
);

/** The setting `guest`. */
export const guestIdentity = v.optional(
  v.strictObject(
    {
      hostname: v.optional(domain),
      interfaces: v.optional(v.array(guestInterface, "must be a list")),
      users: v.optional(v.array(user, "must be a list")),
      timezone: v.optional(
        v.pipe(text, v.regex(/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/, "must be a time zone, such as Europe/Paris")),
      ),
      locale: v.optional(
        v.pipe(text, v.regex(/^[A-Za-z][\w.@-]*$/, "must be a locale, such as fr_FR.UTF-8")),
      ),
      packages: v.optional(
        v.array(
          v.pipe(text, v.regex(/^[A-Za-z0-9][\w.+:=~@/-]*$/, "must be the name of a package, such as nginx")),
          "must be a list",
        ),
      ),
      waitOnNetwork: v.optional(yesOrNo),
      networkAtEveryBoot: v.optional(yesOrNo),
    },
    unknownSetting,
  ),
);
