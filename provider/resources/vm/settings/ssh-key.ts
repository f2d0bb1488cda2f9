import * as v from "valibot";
import { text } from "../../inputs/setting-forms.ts";

const KEY = /^(?:[\w-]+(?:="[^"]*")?,? )*(?:ssh-\S+|ecdsa-\S+|sk-\S+) +[A-Za-z0-9+/=]+(?: .*)?$/;

/** A public key as a line of `authorized_keys`. The line end that a file's text has is removed. */
export const sshKey = v.pipe(
  text,
  v.trim(),
  v.regex(KEY, "must be a public key as in authorized_keys, ssh-ed25519 AAAA… for instance"),
  v.check(
    (key) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(key),
    "must be one line without control characters: give each key an entry of its own",
  ),
);
