import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { ScratchVm, type VmArgs } from "../../../provider/index.ts";
import { mockEngine } from "../../support/mock-engine.ts";

let registered: Record<string, unknown>[];

beforeEach(async () => {
  registered = [];
  await mockEngine(({ inputs }) => void registered.push(inputs));
});

/** The users that reach the provider. */
async function usersOf(guest: VmArgs["guest"]): Promise<unknown> {
  const vm = new ScratchVm("web", { guest });
  await new Promise((resolve) => vm.urn.apply(resolve));
  // Secrets are wrapped on the way.
  const sent = JSON.parse(JSON.stringify(registered[0]?.guest)) as {
    value?: { users: unknown };
    users?: unknown;
  };
  return sent.value?.users ?? sent.users;
}

const HASHED = {
  name: "alice",
  passwordHash: expect.stringMatching(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/),
};

test.each<[string, VmArgs["guest"]]>([
  ["plain", { users: [{ name: "alice", password: "geheim-plain" }] }],
  ["a secret", { users: [{ name: "alice", password: pulumi.secret("geheim-plain") }] }],
  ["in a secret", pulumi.secret({ users: [{ name: "alice", password: "geheim-plain" }] })],
  [
    "in a list that is known later",
    { users: Promise.resolve([{ name: "alice", password: "geheim-plain" }]) },
  ],
])("a password that is %s leaves the program as its hash only", async (_, guest) => {
  expect(await usersOf(guest)).toEqual([HASHED]);
  expect(JSON.stringify(registered)).not.toContain("geheim");
});

test("a password has the same hash in every run, and another one for each user", async () => {
  const users = ["alice", "bob"].map((name) => ({ name, password: "geheim" }));
  const [first, second] = [await usersOf({ users }), await usersOf({ users })];
  expect(first).toEqual(second);
  const hashes = (first as { passwordHash: string }[]).map(({ passwordHash }) => passwordHash);
  expect(new Set(hashes).size).toBe(2);
});

test.each([
  ["", ""],
  ["a\0b", "a\0b"],
  ["x".repeat(129), "x".repeat(129)],
])("what cannot be a password, %j, goes to the check, which refuses it", async (password, kept) => {
  expect(await usersOf({ users: [{ name: "alice", password }] })).toEqual([
    { name: "alice", password: kept },
  ]);
  expect(await usersOf({ users: [{ name: "alice", password: pulumi.output(password) }] })).toEqual([
    { name: "alice", password: kept },
  ]);
});

test("a hash of the program's own is left as it is", async () => {
  const users = [{ name: "alice", passwordHash: "$y$j9T$abc" }, { name: "bob" }];
  expect(await usersOf({ users })).toEqual(users);
});
