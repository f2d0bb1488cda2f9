import ssh2, { type AuthMethod, type KeyboardInteractiveAuthMethod, type Prompt } from "ssh2";
import { beforeEach, describe, expect, test } from "vitest";
import { Authentication } from "../../../provider/ssh/authentication.ts";
import { SshError } from "../../../provider/ssh/ssh-error.ts";
import type { SshHop } from "../../../provider/ssh/ssh-settings.ts";
import { ed25519Key } from "../../support/ed25519-key.ts";

const { private: RSA } = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 });
const ALL = ["publickey", "password", "keyboard-interactive"] as const;
let host = 0;
// A host of its own for each test: this process remembers what was refused.
beforeEach(() => {
  host++;
});

const hop = (given: Partial<SshHop>): SshHop => ({
  ...{ host: `esxi${host}`, port: 22, username: "root" },
  hostKey: { fingerprints: [], knownHosts: "", trustOnFirstUse: false },
  ...given,
});

type Offered = readonly (typeof ALL)[number][] | null;

/** The next means of a login, or undefined if there is none left. */
function next(login: Authentication, offered: Offered = ALL): AuthMethod | "none" | undefined {
  let chosen: unknown;
  login.next(offered === null ? (null as never) : [...offered], false, (method: unknown) => {
    chosen = method;
  });
  return chosen === false ? undefined : (chosen as AuthMethod | "none");
}

const typeOf = (method: ReturnType<typeof next>) => (typeof method === "object" ? method.type : method);

/** All means of a login in their order, where the host refuses each. */
function means(given: Partial<SshHop>, offered: Offered = ALL) {
  const login = new Authentication(hop(given));
  const types: unknown[] = [];
  for (let type = typeOf(next(login, offered)); type !== undefined; type = typeOf(next(login, offered)))
    types.push(type);
  return { types, why: login.refusal().message };
}

/** What a login answers to prompts. */
function answers(login: Authentication, rounds: readonly (readonly Prompt[])[]): string[] {
  const method = next(login) as KeyboardInteractiveAuthMethod;
  expect(method.type).toBe("keyboard-interactive");
  return rounds.flatMap((prompts) => {
    let given: readonly string[] = [];
    method.prompt("", "", "", [...prompts], (texts) => {
      given = texts;
    });
    return given;
  });
}

describe("the means of a login", () => {
  test("are asked of the host first, and then tried once each: key, agent, password in a dialogue", () => {
    const login = new Authentication(hop({ password: "p" }));
    expect(next(login, null)).toBe("none");
    const all = { privateKey: RSA, agent: "/agent", password: "p" };
    expect(means(all).types).toEqual(["publickey", "agent", "keyboard-interactive"]);
  });

  test("are only those that the host offers, and a password goes without a dialogue only where there is none", () => {
    const all = { privateKey: RSA, agent: "/agent", password: "p" };
    expect(means(all, ["password"]).types).toEqual(["password"]);
    host++;
    expect(means(all, ["publickey"]).types).toEqual(["publickey", "agent"]);
    host++;
    expect(means({ agent: "/agent" }, ["keyboard-interactive"])).toMatchObject({
      types: [],
      why: expect.stringContaining("offers keyboard-interactive, for which there are no credentials"),
    });
    expect(means({ agent: "/agent" }, []).why).toContain("the host offers nothing");
  });

  test("carry what belongs to them, and nothing else", () => {
    const { username } = hop({});
    const login = new Authentication(hop({ privateKey: RSA, agent: "/agent", password: "p" }));
    expect(next(login)).toEqual({ type: "publickey", username, key: RSA });
    expect(next(login)).toEqual({ type: "agent", username, agent: "/agent" });
    expect(next(new Authentication(hop({ password: "p" })), ["password"])).toEqual({
      ...{ type: "password", username, password: "p" },
    });
  });
});

describe("a prompt", () => {
  const password = { prompt: "Password: ", echo: false };

  test("for the password gets it once, in whatever language of case", () => {
    const login = new Authentication(hop({ password: "secret" }));
    expect(answers(login, [[{ ...password, prompt: "(root@esxi) PASSWORD:" }], [password], []])).toEqual([
      "secret",
      "",
    ]);
    expect(login.refusal().message).toContain("accepted none of: password");
  });

  test.each([
    ["One-time code: ", false],
    ["New password: ", false],
    ["Retype password: ", false],
    ["Current password: ", false],
    ["Old password: ", false],
    ["Password: ", true],
  ])("%j, shown as it is typed: %s, gets nothing and is named", (prompt, echo) => {
    const login = new Authentication(hop({ password: "secret" }));
    expect(answers(login, [[{ prompt, echo }], [{ prompt: "Another: ", echo }], [password]])).toEqual([
      "",
      "",
      "secret",
    ]);
    expect(login.refusal().message).toContain(
      `the host asks "${prompt.trim()}", which cannot be answered here`,
    );
  });
});

describe("a login that was refused", () => {
  const refused = { password: "wrong", privateKey: RSA, agent: "/agent" };

  test("is not tried again in this process, and every other one is", () => {
    const { why } = means(refused);
    expect(why).toMatch(
      /failed: the host accepted none of: publickey, agent, password\. It is not tried again/,
    );
    expect(() => new Authentication(hop(refused))).toThrow(why);
    const { private: another } = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 });
    const others: readonly Partial<SshHop>[] = [
      { password: "right" },
      { privateKey: another },
      { agent: "/other" },
      { username: "other" },
      { port: 23 },
      { host: "another" },
      { password: undefined },
      { agent: undefined },
      { privateKey: undefined },
    ];
    for (const other of others) expect(() => new Authentication(hop({ ...refused, ...other }))).not.toThrow();
  });

  test("is tried again, if nothing was tried", () => {
    expect(means({ password: "p" }, ["publickey"]).types).toEqual([]);
    expect(means({ password: "p" }).types).toEqual(["keyboard-interactive"]);
  });

  test("with an ed25519 key is told that ESXi takes none, and with another key is not", () => {
    expect(means({ privateKey: ed25519Key().private }).why).toContain("ESXi refuses ed25519 keys");
    expect(means({ privateKey: RSA }).why).not.toContain("ed25519");
    expect(means({ password: "p" }).why).not.toContain("ed25519");
  });
});

test("a login without any means, or with a key that is none, does not begin", () => {
  expect(() => new Authentication(hop({}))).toThrow(SshError);
  expect(() => new Authentication(hop({}))).toThrow("no key, agent or password to log in with");
  const { public: publicKey } = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 });
  expect(() => new Authentication(hop({ privateKey: publicKey }))).toThrow("it is not a private key");
  expect(() => new Authentication(hop({ privateKey: "rubbish" }))).toThrow("the SSH key cannot be used");
});
