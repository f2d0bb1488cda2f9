import { describe, expect, it } from "vitest";
import { logIn, run, startSshHost } from "../ssh/ssh-lab.ts";

const DS = "/vmfs/volumes/datastore1";

describe("the shell", () => {
  it.each([
    ["echo a  b", "a b\n"],
    [`echo 'a  b' "c  d" e\\ \\ f`, "a  b c  d e  f\n"],
    [`echo 'it'\\''s' '$HOME $(echo x) \`y\` "q"'`, `it's $HOME $(echo x) \`y\` "q"\n`],
    [`x='a b'; echo $x "$x" '$x' \${x}c`, "a b a b $x a bc\n"],
    [`echo "$(echo 'in  side')" $(echo 'in  side')`, "in  side in side\n"],
    ["echo one; echo two && echo three || echo four", "one\ntwo\nthree\n"],
    ["false && echo no || echo yes; false; echo $?", "yes\n1\n"],
    ["! false && echo negated", "negated\n"],
    ["(cd /tmp; pwd); pwd; { echo a; echo b; } | wc -l", "/tmp\n/\n2\n"],
    ["if [ -d /tmp ]; then echo dir; elif true; then echo no; else echo no; fi", "dir\n"],
    ["for i in 1 'two three' 4; do echo \"<$i>\"; done", "<1>\n<two three>\n<4>\n"],
    ["echo out 2>&1 >/dev/null; ls /nope 2>/dev/null; echo $?", "1\n"],
    ["ls /nope 2>&1 | grep -c 'No such'", "1\n"],
    ["printf '%s=%d\\n' a 1 b 2", "a=1\nb=2\n"],
    ["echo -n x; echo -e 'y\\tz' # a comment", "xy\tz\n"],
    ["[ a = b ] || [ 3 -gt 2 ] && test ! -e /nope && echo ok", "ok\n"],
    ["echo umlauts: äöü ß 'ŋ'", "umlauts: äöü ß ŋ\n"],
    ["set -e; echo a; false; echo b", "a\n"],
    ["echo a\necho b", "a\nb\n"],
    ["command -v vmkfstools && readlink -f /vmfs/volumes/../volumes", "vmkfstools\n/vmfs/volumes\n"],
  ])("runs %s", async (command, stdout) => {
    const client = await logIn(await startSshHost());
    expect((await run(client, command)).stdout).toBe(stdout);
  });

  it.each([
    ["nosuch", 127, "sh: nosuch: not found\n"],
    ["echo 'open", 2, "sh: syntax error: unterminated quoted string\n"],
    ["echo a &&", 2, "sh: syntax error: unexpected end of file\n"],
    ["; echo", 2, 'sh: syntax error: unexpected ";"\n'],
    ["exit 42; echo no", 42, ""],
    ["cat /nope", 1, "cat: can't open '/nope': No such file or directory\n"],
    ["mkdir /tmp/a/b", 1, "mkdir: can't create directory '/tmp/a/b': No such file or directory\n"],
    [
      "mkdir /vmfs/volumes/datastore1",
      1,
      "mkdir: can't create directory '/vmfs/volumes/datastore1': File exists\n",
    ],
    ["nc -z -w 3 192.0.2.1 22", 1, ""],
    ["rm /nope", 1, "rm: can't remove '/nope': No such file or directory\n"],
    ["mv /nope /tmp/x", 1, "mv: can't rename '/nope': No such file or directory\n"],
    ["cp /nope /tmp/x", 1, "cp: can't stat '/nope': No such file or directory\n"],
    ["stat /nope", 1, "stat: can't stat '/nope': No such file or directory\n"],
    ["echo x > /nope/x", 1, "sh: can't create /nope/x: nonexistent directory\n"],
    ["cat < /nope", 1, "sh: can't open /nope: No such file or directory\n"],
    ["rm /tmp", 1, "rm: '/tmp' is a directory\n"],
  ])("says what is wrong with %s", async (command, code, stderr) => {
    const client = await logIn(await startSshHost());
    expect(await run(client, command)).toEqual({ code, stdout: "", stderr });
  });

  it("makes, copies, moves and removes files on datastores, with names as odd as they come", async () => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    const odd = `it's "odd" $(reboot) 100% ümlaut`;
    const quoted = `'${odd.replaceAll("'", "'\\''")}'`;
    const lines = [
      `mkdir -p ${DS}/${quoted}/deep/er`,
      `cd ${DS}/${quoted}`,
      "echo content > file && cp file copy && mv copy deep/ && cp -r deep other",
      "rm -r deep/er && ls -1 . deep && cat other/copy",
      "[ -s file ] && rm -f file nothing && stat -c '%s %F %n' other/copy",
    ];
    const { stdout, stderr, code } = await run(client, lines.join(" && "));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(".:\ndeep\nfile\nother\ndeep:\ncopy\ncontent\n8 regular file other/copy\n");
    expect(await simulator.files("datastore1")).toEqual([
      `${odd}/`,
      `${odd}/deep/`,
      `${odd}/deep/copy`,
      `${odd}/other/`,
      `${odd}/other/copy`,
      `${odd}/other/er/`,
    ]);
  });

  it("follows the link of a datastore's name to its UUID", async () => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    const { stdout } = await run(
      client,
      `cd ${DS} && pwd && readlink ${DS}; ls -l /vmfs/volumes | grep datastore1`,
    );
    const [real, link, listed] = stdout.split("\n");
    expect(real).toBe(`/vmfs/volumes/${link}`);
    expect(link).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(listed).toContain(`datastore1 -> ${link}`);
  });

  it("looks for files as BusyBox does: into a link only behind a slash, and past what is not there", async () => {
    const client = await logIn(await startSshHost());
    await run(client, `mkdir ${DS}/vm && echo > ${DS}/vm/vm.vmx`);
    expect(await run(client, `find ${DS} -maxdepth 4 -name '*.vmx'`)).toMatchObject({ code: 0, stdout: "" });
    expect((await run(client, `find ${DS} -maxdepth 1`)).stdout).toBe(`${DS}\n`);
    expect((await run(client, `find ${DS}/ -maxdepth 1`)).stdout).toBe(`${DS}/\n${DS}/vm\n`);
    expect(await run(client, `find /nope/ ${DS}/ $(readlink -f ${DS})/vm -maxdepth 4 -name '*.vmx'`)).toEqual(
      {
        code: 1,
        stdout: `${DS}/vm/vm.vmx\n${(await run(client, `readlink -f ${DS}`)).stdout.trim()}/vm/vm.vmx\n`,
        stderr: "find: /nope/: No such file or directory\n",
      },
    );
  });

  it("takes a file over standard input byte by byte, and gives it back", async () => {
    const client = await logIn(await startSshHost());
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) & 255));
    expect((await run(client, `cat > ${DS}/in.bin`, bytes)).code).toBe(0);
    const { createHash } = await import("node:crypto");
    const digest = createHash("sha256").update(bytes).digest("hex");
    expect((await run(client, `sha256sum ${DS}/in.bin; wc -c < ${DS}/in.bin`)).stdout).toBe(
      `${digest}  ${DS}/in.bin\n300000\n`,
    );
  });

  it("says when the datastore is full, and keeps what it had written", async () => {
    const simulator = await startSshHost({ datastores: [{ name: "datastore1", capacityBytes: 100_000 }] });
    const client = await logIn(simulator);
    const result = await run(client, `cat > ${DS}/big`, Buffer.alloc(200_000, 1));
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain("No space left on device");
    expect(await simulator.files("datastore1")).toEqual(["big"]);
  });
});

describe("faults by rule", () => {
  it("end a command with a status, cut the connection, or lose the answer after the work", async () => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    simulator.faults.add({ method: "ssh.exec", entity: "one", action: { status: 9 } });
    simulator.faults.add({ method: "ssh.exec", entity: "two", action: "loseReply" });
    expect(await run(client, `mkdir ${DS}/one`)).toEqual({ code: 9, stdout: "", stderr: "" });
    expect((await run(client, `mkdir ${DS}/two`)).code).toBeUndefined();
    expect(await simulator.files("datastore1")).toEqual(["two/"]);
    simulator.faults.add({ method: "ssh.connect", count: 1, action: "disconnect" });
    await expect(logIn(simulator)).rejects.toThrow();
    expect((await run(await logIn(simulator), "true")).code).toBe(0);
  });
});

it("nc tells whether a guest answers at a port of an address that it has", async () => {
  const simulator = await startSshHost();
  const client = await logIn(simulator);
  const keys = ["present = TRUE", 'networkName = "VM Network"', 'virtualDev = "e1000"'];
  const vmx = ['displayName = "vm"', ...keys.map((key) => `ethernet0.${key}`), ""].join("\n");
  await run(client, `mkdir ${DS}/vm && cat > ${DS}/vm/vm.vmx`, vmx);
  const { stdout } = await run(client, `vim-cmd solo/registervm ${DS}/vm/vm.vmx`);
  const moid = stdout.trim();
  const nic = { ipAddress: ["10.1.2.3"], connected: true, deviceConfigId: 4000 };
  simulator.behindBack.setGuest(moid, { net: [nic], ports: [22] });
  const code = async (port: number) => (await run(client, `nc -z -w 3 10.1.2.3 ${port}`)).code;
  expect(await code(22)).toBe(1);
  await simulator.behindBack.powerOn(moid);
  await expect.poll(() => code(22)).toBe(0);
  expect(await code(80)).toBe(1);
  expect((await run(client, "nc -z 10.1.2.4 22")).code).toBe(1);
});
