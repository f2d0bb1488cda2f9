import * as pulumi from "@pulumi/pulumi";
import { saltFor, sha512Crypt } from "../guest/sha512-crypt.ts";

const MOST_BYTES = 128;

type Parts = Readonly<Record<string, unknown>>;

/** Hashes of this run: hundreds of machines may have one user with one password, and each costs milliseconds. */
const made = new Map<string, string>();

/**
 * The setting `guest` with the hash of each user's password in its place, so that no password leaves the program: not for
 * state, not for the host. What cannot be a password stays, and the check refuses it.
 */
export function withPasswordHashes(guest: unknown): unknown {
  return within(guest, (parts) => ({ ...parts, users: eachOf(parts.users, ofUser) }), "users");
}

function ofUser(user: unknown): unknown {
  return within(
    user,
    ({ password, ...parts }) => {
      if (parts.passwordHash !== undefined) return { ...parts, password };
      const hashed = (text: unknown) => hashOf(text, typeof parts.name === "string" ? parts.name : "");
      return {
        ...parts,
        password: lifted(password, (text) => (hashed(text) === undefined ? text : undefined)),
        passwordHash: lifted(password, hashed),
      };
    },
    "password",
  );
}

/** @returns undefined for what cannot be a password. */
function hashOf(password: unknown, user: string): string | undefined {
  if (typeof password !== "string" || password === "" || password.includes("\0")) return undefined;
  if (Buffer.byteLength(password) > MOST_BYTES) return undefined;
  // The same in each run, or every run would change it; and in all machines of the stack, so that it is made once.
  const salt = saltFor(JSON.stringify([pulumi.getProject(), pulumi.getStack(), user]));
  const key = `${salt} ${password}`;
  const hash = made.get(key) ?? sha512Crypt(password, salt);
  made.set(key, hash);
  return hash;
}

/** Does something with an object that has this key, known already or not; anything else stays as it is. */
function within(value: unknown, change: (parts: Parts) => unknown, key: string): unknown {
  return lifted(value, (known) => (isObject(known) && known[key] !== undefined ? change(known) : known));
}

const eachOf = (list: unknown, change: (item: unknown) => unknown): unknown =>
  lifted(list, (known) => (Array.isArray(known) ? known.map(change) : known));

function lifted(value: unknown, change: (known: unknown) => unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) {
    return (pulumi.output(value) as pulumi.Output<unknown>).apply(change);
  }
  return change(value);
}

const isObject = (value: unknown): value is Parts =>
  typeof value === "object" && value !== null && !Array.isArray(value);
