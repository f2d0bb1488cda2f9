import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { HostKeyCheck } from "../../../../provider/ssh/host-key/host-key.ts";
import type { SshHop } from "../../../../provider/ssh/ssh-settings.ts";

const OWN = Buffer.from("the host's own key");
const OTHER = Buffer.from("another key");
const digestOf = (key: Buffer) => createHash("sha256").update(key).digest("base64");
const fingerprintOf = (key: Buffer) => `SHA256:${digestOf(key).replace("=", "")}`;
const line = (key: Buffer, type = "ssh-rsa", host = "esxi") => `${host} ${type} ${key.toString("base64")}`;

let said: string[];
let host = 0;
// A host of its own for each test: this process remembers what it has trusted.
beforeEach(() => {
  said = [];
  host++;
});

function hop(hostKey: Partial<SshHop["hostKey"]>): SshHop {
  const none = { fingerprints: [], knownHosts: "", trustOnFirstUse: false };
  return { host: "esxi", port: 10_000 + host, username: "root", hostKey: { ...none, ...hostKey } } as SshHop;
}
const known = (...lines: string[]) => lines.join("\n").replaceAll("esxi ", `[esxi]:${10_000 + host} `);
const check = (hostKey: Partial<SshHop["hostKey"]>) => new HostKeyCheck(hop(hostKey));

/** Whether a host that shows that key is spoken to, and if not, why. */
function shown(key: Buffer, hostKey: Partial<SshHop["hostKey"]>): string {
  const one = check(hostKey);
  const isAccepted = one.accepts(key, (text) => said.push(text));
  expect(one.failure === undefined).toBe(isAccepted);
  if (one.failure) expect(one.failure.fingerprint).toBe(fingerprintOf(key));
  return isAccepted ? "accepted" : (one.failure?.message ?? "");
}

describe("a key is accepted", () => {
  test.each([
    ["as ssh-keygen prints it", fingerprintOf(OWN)],
    ["without the digest's name", fingerprintOf(OWN).slice(7)],
    ["with the digest's name in lower case, and padded", `sha256:${digestOf(OWN)}`],
    ["with spaces around it", ` ${fingerprintOf(OWN)} `],
  ])("by its fingerprint %s", (_, fingerprint) => {
    expect(shown(OWN, { fingerprints: [fingerprintOf(OTHER), fingerprint] })).toBe("accepted");
    expect(said).toEqual([]);
  });

  test("by known_hosts, also where only another fingerprint is set", () => {
    const knownHosts = known(line(OTHER), line(OWN));
    expect(shown(OWN, { knownHosts })).toBe("accepted");
    expect(shown(OWN, { knownHosts, fingerprints: [fingerprintOf(OTHER)] })).toBe("accepted");
  });

  test("on first use, if that is asked for, and said the first time", () => {
    const hostKey = { trustOnFirstUse: true };
    expect(shown(OWN, hostKey)).toBe("accepted");
    expect(shown(OWN, hostKey)).toBe("accepted");
    expect(said).toHaveLength(1);
  });
});

describe("a key is refused", () => {
  test("where another is expected, whoever says so, also with trust on first use", () => {
    for (const trustOnFirstUse of [false, true]) {
      const expected = `but ${fingerprintOf(OTHER)} is expected`;
      expect(shown(OWN, { trustOnFirstUse, fingerprints: [fingerprintOf(OTHER)] })).toContain(expected);
      expect(shown(OWN, { trustOnFirstUse, knownHosts: known(line(OTHER)) })).toContain(expected);
    }
    expect(said).toEqual([]);
  });

  test("that is revoked, whatever else says that it is the host's", () => {
    const knownHosts = known(`@revoked ${line(OWN)}`, line(OWN));
    const fingerprints = [fingerprintOf(OWN)];
    expect(shown(OWN, { knownHosts, fingerprints, trustOnFirstUse: true })).toContain("is revoked");
  });

  test("and another one revoked says nothing of it", () => {
    const knownHosts = known(`@revoked ${line(OTHER)}`);
    expect(shown(OWN, { knownHosts })).toContain("Nothing says which SSH host key");
    expect(shown(OWN, { knownHosts, trustOnFirstUse: true })).toBe("accepted");
  });

  test("that is not the one that was trusted before, and the first stays trusted", () => {
    const hostKey = { trustOnFirstUse: true };
    expect(shown(OWN, hostKey)).toBe("accepted");
    expect(shown(OTHER, hostKey)).toContain(`showed the SSH host key ${fingerprintOf(OWN)} before`);
    expect(shown(OWN, hostKey)).toBe("accepted");
    expect(said).toHaveLength(1);
  });

  test("where nothing is known, and it is not trusted later because of that", () => {
    expect(shown(OWN, {})).toContain(`It shows ${fingerprintOf(OWN)}; nothing was sent to it`);
    expect(shown(OTHER, { trustOnFirstUse: true })).toBe("accepted");
  });
});

test("the host is asked for a key of a known type, unless a fingerprint may be of any", () => {
  const knownHosts = known(line(OWN), line(OTHER), line(OTHER, "ecdsa"), `@revoked ${line(OWN, "ed25519")}`);
  expect(check({ knownHosts }).types).toEqual(["ssh-rsa", "ecdsa"]);
  expect(check({ knownHosts }).mayHaveAnother).toBe(false);
  const both = check({ knownHosts, fingerprints: [fingerprintOf(OWN)] });
  expect(both.types).toEqual([]);
  expect(both.mayHaveAnother).toBe(true);
  expect(check({}).types).toEqual([]);
});
