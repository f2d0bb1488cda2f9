import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { connect } from "../host/lab.ts";
import { PASSWORD } from "../host/raw-client.ts";
import { logIn, prompts, run, startSshHost, userKey } from "./ssh-lab.ts";

const REFUSED = "All configured authentication methods failed";

describe("SSH authentication", () => {
  it("takes the password by keyboard-interactive", async () => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    // The library answers a round without prompts by itself; openssh-client.test.ts sees it.
    expect(prompts(client)).toEqual([["Password: "]]);
    expect(await run(client, "echo hello")).toEqual({ code: 0, stdout: "hello\n", stderr: "" });
  });

  it("offers no plain password, and takes none", async () => {
    const simulator = await startSshHost();
    await expect(logIn(simulator, { password: PASSWORD })).rejects.toThrow(REFUSED);
  });

  it.each(["rsa", "ecdsa"] as const)("takes an %s key that is authorized, and no other", async (type) => {
    const simulator = await startSshHost();
    const { privateKey, publicKey } = userKey(type);
    await expect(logIn(simulator, { privateKey })).rejects.toThrow(REFUSED);
    await simulator.ssh?.authorize(`${publicKey} somebody@somewhere`);
    expect((await run(await logIn(simulator, { privateKey }), "true")).code).toBe(0);
    await expect(logIn(simulator, { ...userKey(type), username: "root" })).rejects.toThrow(REFUSED);
  });

  it("refuses ed25519 keys, authorized or not", async () => {
    const simulator = await startSshHost();
    const { privateKey, publicKey } = userKey("ed25519");
    await simulator.ssh?.authorize(publicKey);
    await expect(logIn(simulator, { privateKey })).rejects.toThrow(REFUSED);
  });

  it("counts wrong passwords together with those of the API, and locks both after five", async () => {
    const simulator = await startSshHost();
    const soap = connect(simulator);
    for (const wrong of ["a", "b", "c"])
      await expect(logIn(simulator, { answers: [[wrong]] })).rejects.toThrow(REFUSED);
    expect((await soap.login("root", "d")).fault).toBe("InvalidLogin");
    expect((await soap.login("root", "e")).fault).toBe("InvalidLogin");
    expect((await soap.login("root", PASSWORD)).fault).toBe("InvalidLogin");
    await expect(logIn(simulator)).rejects.toThrow(REFUSED);
    simulator.setPassword(PASSWORD);
    expect((await run(await logIn(simulator), "true")).code).toBe(0);
  });

  it("shows the host key of the fingerprint that it announces", async () => {
    const simulator = await startSshHost();
    const seen: string[] = [];
    await logIn(simulator, {
      hostVerifier: (key: Buffer) => {
        seen.push(`SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`);
        return true;
      },
    });
    expect(seen).toEqual([simulator.ssh?.hostKeySha256]);
    expect(simulator.ssh?.hostKeys.map((line) => line.split(" ")[0])).toEqual([
      "ecdsa-sha2-nistp256",
      "ssh-rsa",
    ]);
  });

  it.each([
    ["an ed25519 host key", { serverHostKey: ["ssh-ed25519"] }],
    ["curve25519", { kex: ["curve25519-sha256"] }],
    ["ChaCha20", { cipher: ["chacha20-poly1305@openssh.com"] }],
    ["CBC", { cipher: ["aes256-cbc"] }],
    ["MACs with SHA-1 for CTR", { cipher: ["aes256-ctr"], hmac: ["hmac-sha1"] }],
  ] as const)("speaks no %s", async (_what, algorithms) => {
    const simulator = await startSshHost();
    await expect(logIn(simulator, { algorithms: structuredClone(algorithms) as never })).rejects.toThrow(
      /no matching/,
    );
  });
});
