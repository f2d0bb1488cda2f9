import * as pulumi from "@pulumi/pulumi";
import { saltFor, sha512Crypt } from "../guest/sha512-crypt.ts";

const MOST_BYTES = 128;

type Parts = Readonly<Record<string, unknown>>;

/** Hashes of this run. Hundreds of machines may have one user with one password, and each hash takes milliseconds. */
const made = new Map<string, string>();

/**
 * The setting `guest` with the hash of each user's password instead of the password. So no password leaves the program,
 * neither for state nor for the host. A value that cannot be a password stays, and the check refuses it.
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

/** @returns undefined if it cannot be a password. */
function hashOf(password: unknown, user: string): string | undefined {
  if (typeof password !== "string" || password === "" || password.includes("\0")) return undefined;
  if (Buffer.byteLength(password) > MOST_BYTES) return undefined;
  // The salt is the same in each run, otherwise every run would show a change. It is the same for all machines of the
  // stack, so the hash is made only once.
  const salt = saltFor(JSON.stringify([pulumi.getProject(), pulumi.getStack(), user]));
  const key = `${salt} ${password}`;
  const hash = made.get(key) ?? sha512Crypt(password, salt);
  made.set(key, hash);
  return hash;
}

/** Changes an object that has this key, now or when it is known. Anything else stays as it is. */
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
