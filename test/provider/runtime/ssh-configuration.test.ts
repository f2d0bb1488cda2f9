import { describe, expect, test } from "vitest";
import { hostSettings } from "../../../provider/runtime/stack-configuration.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const FINGERPRINT = `SHA256:${"a".repeat(43)}`;

function read(values: Record<string, string>, environment: NodeJS.ProcessEnv = {}) {
  const all: Record<string, string> = {
    host: "esxi.lab:8443",
    username: "root",
    password: "p",
    sshKnownHosts: "/dev/null",
    ...values,
  };
  return hostSettings({ get: (key) => all[key.replace("esxi:", "")] }, undefined, environment);
}

describe("the configuration of SSH", () => {
  test("defaults to the API's host, user and password at port 22, and to nothing that is trusted", () => {
    expect(read({}).transport).toBe("auto");
    expect(read({}).ssh).toMatchObject({
      host: "esxi.lab",
      port: 22,
      username: "root",
      password: "p",
      hostKey: { fingerprints: [], knownHosts: "", trustOnFirstUse: false },
    });
    expect(read({}).ssh?.jump).toBeUndefined();
  });

  test("takes keys from files and values, fingerprints, caps and another user", async () => {
    const folder = await temporaryFolder();
    const file = await folder.write("key", "PRIVATE");
    const known = await folder.write("known", "esxi.lab ssh-rsa AAAA");
    const settings = {
      transport: "ssh",
      sshPort: "2222",
      sshUsername: "me",
      sshKeyFile: file,
      sshKnownHosts: known,
    };
    expect(read(settings)).toMatchObject({
      transport: "ssh",
      ssh: {
        port: 2222,
        username: "me",
        privateKey: "PRIVATE",
        hostKey: { knownHosts: "esxi.lab ssh-rsa AAAA" },
      },
    });
    expect(read({ sshPrivateKey: "OTHER", sshKeyFile: file }).ssh?.privateKey).toBe("OTHER");
    expect(read({ sshHostKey: `${FINGERPRINT}, ${FINGERPRINT}` }).ssh?.hostKey.fingerprints).toHaveLength(2);
    expect(read({ sshMaxChannels: "1" }).ssh?.maxChannels).toBe(1);
    await folder.remove();
  });

  test.each([
    ["jump.lab", { host: "jump.lab", port: 22, username: "root" }],
    ["me@jump.lab:2200", { host: "jump.lab", port: 2200, username: "me" }],
    ["[fd00::1]:2200", { host: "fd00::1", port: 2200, username: "root" }],
  ])("reads the jump host %s", (sshJumpHost, jump) => {
    expect(read({ sshJumpHost, sshJumpHostKey: FINGERPRINT }).ssh?.jump).toMatchObject({
      ...jump,
      hostKey: { fingerprints: [FINGERPRINT] },
    });
    expect(read({ sshJumpHost }).ssh?.jump?.password).toBeUndefined();
  });

  test("yields to the environment", () => {
    expect(read({ transport: "api" }, { ESXI_TRANSPORT: "ssh", ESXI_SSH_PORT: "2022" })).toMatchObject({
      transport: "ssh",
      ssh: { port: 2022 },
    });
  });

  test.each([
    [{ transport: "carrier pigeon" }, /esxi:transport must be auto, api or ssh/],
    [{ sshPort: "70000" }, /esxi:sshPort must be a whole number from 1 to 65535/],
    [{ sshHostKey: "aa:bb" }, /esxi:sshHostKey must be the SHA-256 fingerprint/],
    [{ sshKeyFile: "/no/such/file" }, /esxi:sshKeyFile: cannot read \/no\/such\/file/],
    [{ sshJumpHost: "a b" }, /esxi:sshJumpHost must be/],
    [{ sshTrustOnFirstUse: "maybe" }, /must be true or false/],
    [{ sshHotChanges: "some" }, /esxi:sshHotChanges must be true or false/],
  ])("refuses %j", (values, message) => {
    expect(() => read(values as Record<string, string>)).toThrow(message);
  });
});
