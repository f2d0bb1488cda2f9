import { createHash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { CommandError } from "../../../../provider/ssh/commands/command-error.ts";
import { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../../../provider/ssh/commands/vim-cmd-error.ts";
import { VmkfstoolsError } from "../../../../provider/ssh/commands/vmkfstools-error.ts";
import type { ExecOptions, SshExec } from "../../../../provider/ssh/exec.ts";

const never = new AbortController().signal;

/** A host that prints the same whatever is run, and remembers what was. */
function shell(stdout: string, { exitCode = 0, stderr = "" } = {}) {
  const ran: string[][] = [];
  const ssh: SshExec = {
    host: "esxi1",
    exec: async (command, options: ExecOptions = {}) => {
      ran.push([...command]);
      for (const part of stdout.match(/.{1,7}/gs) ?? []) options.onStdout?.(part);
      if (exitCode !== 0) throw new CommandError("it failed", { exitCode, stdout, stderr });
      return { stdout, stderr, stdoutBytes: Buffer.from(stdout) };
    },
  };
  return { shell: new EsxiShell(ssh), ran };
}

describe("a file that is to be changed", () => {
  const reading = (...answers: readonly (string | undefined)[]) => {
    const left = [...answers];
    const ssh: SshExec = {
      host: "esxi1",
      exec: async ([command]) => {
        const stdout = command === "cat" ? left.shift() : undefined;
        if (stdout === undefined) throw new CommandError("no", { exitCode: 1, stdout: "", stderr: "" });
        return { stdout, stderr: "", stdoutBytes: Buffer.from(stdout) };
      },
    };
    return new EsxiShell(ssh).readTwice("/a.vmx", never);
  };

  test("is what two reads say", async () => {
    expect(Buffer.from((await reading("a", "a")) ?? "").toString()).toBe("a");
    expect(await reading(undefined, undefined)).toBeUndefined();
  });

  test.each([
    ["a", "ab"],
    ["a", undefined],
    [undefined, "a"],
  ])("is left alone if they differ: %j and %j", async (first, second) => {
    await expect(reading(first, second)).rejects.toThrow(
      "esxi1: two reads of /a.vmx differ. It was not changed.",
    );
  });
});

describe("a file that the host is to read", () => {
  const content = Buffer.from("text");
  const digest = createHash("sha256").update(content).digest("hex");
  const written = (stdout: string, more: { exitCode?: number; stderr?: string } = {}) =>
    shell(stdout, more).shell.writeAndReload("/a.vmx", content, "16", never);

  test.each([
    [`${digest}\n`, {}, true],
    [`${digest}\n`, { exitCode: 255, stderr: "Killed" }, false],
    [`${digest}\n(vim.fault.TaskInProgress) {\n   msg = "busy"\n}\n`, {}, false],
  ])("was written if %j says so, with %j", async (stdout, more, isRead) => {
    expect(await written(stdout, more)).toBe(isRead);
  });

  test.each([
    ["", {}, /nothing says that \/a.vmx was written/],
    ["something else", {}, /nothing says that \/a.vmx was written/],
    ["", { exitCode: 1 }, /only a part of \/a.vmx arrived/],
    ["", { exitCode: 1, stderr: "Read-only file system" }, /it failed/],
    ["it failed", { exitCode: 2 }, /it failed/],
  ])("was not written if the host prints %j with %j", async (stdout, more, error) => {
    await expect(written(stdout, more)).rejects.toThrow(error);
  });
});

describe("vmkfstools", () => {
  test("copies a disk and tells how far it is", async () => {
    const output = "Destination disk format: VMFS thin-provisioned\nCloning disk 'a'...\n";
    const { shell: host, ran } = shell(
      `${output}Clone: 0% done.\rClone: 5% done.\rClone: 5% done.\rClone: 100% done.\n`,
    );
    const seen: number[] = [];
    await host.cloneDisk("/a b", "/c", "thin", {
      signal: never,
      onProgress: (percent) => seen.push(percent),
    });
    expect(ran).toEqual([["vmkfstools", "-i", "/a b", "/c", "-d", "thin"]]);
    expect(seen).toEqual([0, 5, 100]);
  });

  test.each([
    ["Failed to clone disk: The file already exists (39).", 39, /left alone/],
    ["Failed to clone disk: Failed to lock the file (16392).", 16392, /powered on/],
    ["Failed to open 'x': The file specified is not a virtual disk (15).", 15, /descriptor/],
    ["Failed to clone disk: The system cannot find the file specified (25).", 25, /no such file/],
  ])("fails with the number of %s", async (said, code, advice) => {
    const { shell: host } = shell("Clone: 3% done.\r", { exitCode: 255, stderr: `${said}\n` });
    const failure = host.cloneDisk("/a", "/c", "thin", { signal: never });
    await expect(failure).rejects.toBeInstanceOf(VmkfstoolsError);
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toThrow(advice);
    await expect(failure).rejects.toThrow("esxi1: vmkfstools could not copy /a to /c");
  });

  test.each([
    ["\rClone: 41% done.Failed to clone disk : No space left on device (1835017).\n", 1835017, /is full/],
    ["\rClone: 0% done.Failed to clone disk : Device or resource busy (1048585).\n", 1048585, /in use/],
    ["Failed to clone disk : No such file or directory (131081).\n", 131081, /no such file/],
    ["Failed to clone disk : Input/output error (327682).\n", 327682, /could not read or write/],
    ["Failed to clone disk : Input/output error (327689).\n", 327689, /could not read or write/],
    ["Failed to clone disk : Permission denied (851977).\n", 851977, /may not open/],
    [
      "DISKLIB-LINK  : DiskLinkOpen: failed (24)\nDISKLIB-CHAIN : could not open (24)\n" +
        "Failed to clone disk : No space left on device (1835017).\n",
      1835017,
      /is full/,
    ],
  ])("knows the system's number in the last message of %j", async (said, code, advice) => {
    for (const streams of [{ stdout: said }, { stdout: "Clone: 3% done.", stderr: said }]) {
      const { shell: host } = shell(streams.stdout, { exitCode: 255, ...streams });
      const failure = host.cloneDisk("/a", "/c", "thin", { signal: never });
      await expect(failure).rejects.toMatchObject({ code });
      await expect(failure).rejects.toThrow(advice);
      await expect(failure).rejects.toThrow(/could not copy \/a to \/c: Failed to clone disk : /);
    }
  });

  test("renames, deletes and grows", async () => {
    const { shell: host, ran } = shell("");
    await host.renameDisk("/a", "/b", never);
    await host.deleteDisk("/b", never);
    await host.growDisk("/c", 40_960, never);
    expect(ran).toEqual([
      ["vmkfstools", "-E", "/a", "/b"],
      ["vmkfstools", "-U", "/b"],
      ["vmkfstools", "-X", "40960M", "/c"],
    ]);
  });
});

/** As a host of 9.0 prints it. */
const FAULT_OF_9 = `Powering on VM:
Power on failed: (vim.fault.GenericVmConfigFault) {
   faultCause = (vmodl.MethodFault) null, 
   faultMessage = (vmodl.LocalizableMessage) [
      (vmodl.LocalizableMessage) {
         key = "msg.hvuser.NoSVM", 
         arg = <unset>, 
         message = "This host does not support AMD-V."
      }, 
      (vmodl.LocalizableMessage) {
         key = "msg.moduletable.powerOnFailed", 
         arg = (vmodl.KeyAnyValue) [
            (vmodl.KeyAnyValue) {
               key = "1", 
               value = "MonitorMode"
            }
         ], 
         message = "Module 'MonitorMode' power on failed.
"
      }
   ], 
   reason = "This host does not support AMD-V."
   msg = "This host does not support AMD-V."
}
`;

/** A host that answers one after the other, the last for ever. */
function answers(given: readonly { stdout: string; stderr: string; exitCode: number }[]) {
  let runs = 0;
  const ssh: SshExec = {
    host: "esxi1",
    exec: async () => {
      const { stdout, stderr, exitCode } = given[Math.min(runs++, given.length - 1)] ?? given[0] ?? DONE;
      if (exitCode !== 0) throw new CommandError("it failed", { exitCode, stdout, stderr });
      return { stdout, stderr, stdoutBytes: Buffer.from(stdout) };
    },
  };
  return { shell: new EsxiShell(ssh), runs: () => runs };
}

const DONE = { stdout: "", stderr: "", exitCode: 0 };

const FAULT = `(vim.fault.AlreadyExists) {
   faultCause = (vmodl.MethodFault) null,
   faultMessage = <unset>,
   name = "1"
   msg = "The specified key, name, or identifier \\"1\\" already exists."
}
`;

describe("vim-cmd", () => {
  test("counts a fault in the output, although the exit status is 0", async () => {
    const failure = shell(FAULT).shell.unregister("1", never);
    await expect(failure).rejects.toBeInstanceOf(VimCmdError);
    await expect(failure).rejects.toMatchObject({ fault: "AlreadyExists" });
    await expect(failure).rejects.toThrow(
      'vmsvc/unregister 1: The specified key, name, or identifier "1" already exists.',
    );
  });

  test("counts an exit status, whatever the output", async () => {
    await expect(shell("", { exitCode: 1 }).shell.reload("1", never)).rejects.toThrow(/status 1/);
    await expect(shell(FAULT, { exitCode: 1 }).shell.reload("1", never)).rejects.toMatchObject({
      fault: "AlreadyExists",
    });
    await expect(shell("Power on failed\n").shell.powerOn("1", never)).rejects.toThrow(/Power on failed/);
  });

  test("reads a fault that begins behind the failure, with what others said of it", async () => {
    const failure = shell(FAULT_OF_9).shell.powerOn("1", never);
    await expect(failure).rejects.toMatchObject({ fault: "GenericVmConfigFault" });
    await expect(failure).rejects.toThrow(
      /power\.on 1: This host does not support AMD-V\. \(GenericVmConfigFault\)$/,
    );
    const unsaid = shell(FAULT_OF_9.replace(/^ {3}msg = .*$/m, '   msg = ""'));
    await expect(unsaid.shell.powerOn("1", never)).rejects.toThrow(/VHV disabled|AMD-V/);
  });

  test("reads a message with quotes in it, and one of several lines", async () => {
    const said = (message: string) =>
      `(vim.fault.NotFound) {\n   faultMessage = <unset>\n   msg = "${message}"\n}\n`;
    await expect(
      shell(said('Unable to find a VM corresponding to "16"')).shell.unregister("16", never),
    ).rejects.toThrow('unregister 16: Unable to find a VM corresponding to "16" (NotFound)');
    await expect(shell(said("first\nsecond")).shell.unregister("16", never)).rejects.toThrow("first\nsecond");
  });

  test.each([
    ["getallvms", (host: EsxiShell) => host.listVms(never)],
    ["snapshot.get", (host: EsxiShell) => host.snapshots("1", never)],
    ["message", (host: EsxiShell) => host.question("1", never)],
  ])("counts a fault in place of what %s should print, although the status is 0", async (_what, ask) => {
    const gone = '(vmodl.fault.ManagedObjectNotFound) {\n   msg = "The object has already been deleted"\n}\n';
    for (const title of ["", "Guest information:\n\n"])
      await expect(ask(shell(title + gone).shell)).rejects.toMatchObject({ fault: "ManagedObjectNotFound" });
  });

  test("takes no fault out of what people have written", async () => {
    const output = `Vmid   Name   File                     Guest OS       Version   Annotation
1      a      [datastore1] a/a.vmx     otherGuest64   vmx-13    first
(vim.fault.NotFound) {
   msg = "never mind"
}
`;
    expect(await shell(output).shell.listVms(never)).toHaveLength(1);
  });

  test("tries again where the host's agent took no login, and gives up in the end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const busy = { stdout: "", stderr: "Failed to login: Connection reset by peer\n", exitCode: 1 };
      const handshake = "Failed to login: SSL Exception: The SSL handshake timed out\n";
      const done = { stdout: "12\n", stderr: "", exitCode: 0 };
      const some = answers([busy, { ...busy, stderr: "", stdout: handshake, exitCode: 0 }, done]);
      const registered = some.shell.register("/a", never);
      await vi.runAllTimersAsync();
      expect(await registered).toBe("12");
      expect(some.runs()).toBe(3);
      const always = answers([busy]);
      const failed = expect(always.shell.register("/a", never)).rejects.toThrow(
        /Connection reset by peer \(tried 6 times\)$/,
      );
      await vi.runAllTimersAsync();
      await failed;
      expect(always.runs()).toBe(6);
      const refused = answers([{ ...busy, stderr: "Failed to login: Incorrect user name or password\n" }]);
      await expect(refused.shell.register("/a", never)).rejects.toThrow(/Incorrect user name/);
      expect(refused.runs()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("reads again where the busy host has killed the command, and writes only where nothing was done", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const killed = { stdout: "", stderr: "Killed\n", exitCode: 137 };
      const done = { stdout: "No message.\n", stderr: "", exitCode: 0 };
      const read = answers([killed, killed, done]);
      const question = read.shell.question("1", never);
      await vi.runAllTimersAsync();
      expect(await question).toBeUndefined();
      expect(read.runs()).toBe(3);
      const write = answers([killed, done]);
      await expect(write.shell.register("/a", never)).rejects.toThrow(/Killed$/);
      expect(write.runs()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("lists machines with brackets in their names and paths", async () => {
    const output = `Vmid   Name                      File                                 Guest OS       Version   Annotation
24     Test Test [Test] [Test]   [datastore_050_vmfs6] Test/Test.vmx       otherGuest64    vmx-17
1698   vCLS-6b72   [] /var/run/crx/infra/vCLS-6b72/vCLS-6b72.vmx   crxSys1Guest   vmx-21
9      [prod] web   [ds 1] [prod] web/[prod] web.vmx   otherGuest64   vmx-19    [not] a.vmx  b vmx-1
`;
    expect(await shell(output).shell.listVms(never)).toEqual([
      { vmid: "24", name: "Test Test [Test] [Test]", vmxPath: "[datastore_050_vmfs6] Test/Test.vmx" },
      { vmid: "1698", name: "vCLS-6b72", vmxPath: "[] /var/run/crx/infra/vCLS-6b72/vCLS-6b72.vmx" },
      { vmid: "9", name: "[prod] web", vmxPath: "[ds 1] [prod] web/[prod] web.vmx" },
    ]);
  });

  test("lists machines, with annotations over several lines and one that is skipped", async () => {
    const output = `Skipping invalid VM '16'
Vmid   Name              File                                Guest OS          Version   Annotation
1      tiny 1            [datastore1] tiny 1/tiny 1.vmx      other26xLinuxGuest   vmx-13    first
line two
7      a b (c) d          [data store] x/[y].vmx              otherGuest64      vmx-19
`;
    expect(await shell(output).shell.listVms(never)).toEqual([
      { vmid: "1", name: "tiny 1", vmxPath: "[datastore1] tiny 1/tiny 1.vmx" },
      { vmid: "7", name: "a b (c) d", vmxPath: "[data store] x/[y].vmx" },
    ]);
  });

  test("registers, and takes nothing but a number for the id", async () => {
    const { shell: host, ran } = shell("12\n");
    expect(await host.register("/vmfs/volumes/ds/a b/a b.vmx", never)).toBe("12");
    expect(ran).toEqual([["vim-cmd", "solo/registervm", "/vmfs/volumes/ds/a b/a b.vmx"]]);
    await expect(shell("what?").shell.register("/a", never)).rejects.toThrow(/printed no id: what\?/);
  });

  const QUESTION = `Virtual machine message _vmx1:
msg.uuid.altered:This virtual machine might have been moved or copied.
In order to configure certain management features, the last attempt failed

0. Cancel (Cancel)
1. I Moved It (I Moved It)
2. I Copied It (I Copied It) [default]
`;

  test("reads a question and answers it by the words of a choice", async () => {
    const { shell: host, ran } = shell(QUESTION);
    const question = await host.question("5", never);
    expect(question).toMatchObject({
      id: "_vmx1",
      messageId: "msg.uuid.altered",
      text: expect.stringMatching(/^This virtual machine might have been moved or copied\. In order/),
    });
    if (!question) throw new Error("There is a question.");
    await host.answer("5", question, /copied/i, never).catch(() => {});
    expect(ran.at(-1)).toEqual(["vim-cmd", "vmsvc/message", "5", "_vmx1", "2"]);
    await expect(host.answer("5", question, /perhaps/i, never)).rejects.toThrow(/asks: This virtual machine/);
  });

  test("lists snapshots", async () => {
    const output = `Get Snapshot:
|-ROOT
--Snapshot Name        : before
--Snapshot Id        : 1
--Snapshot Desciption  : 
--|-CHILD
----Snapshot Name        : a copy: now
----Snapshot Id        : 7
----Snapshot State        : powered on
`;
    expect(await shell(output).shell.snapshots("5", never)).toEqual([
      { id: "1", name: "before" },
      { id: "7", name: "a copy: now" },
    ]);
    expect(await shell("Get Snapshot:\n").shell.snapshots("5", never)).toEqual([]);
  });

  test("knows that there is no question", async () => {
    expect(await shell("No message.\n").shell.question("5", never)).toBeUndefined();
  });
});

test("whether a port takes connections is what the host says", async () => {
  for (const exitCode of [0, 1]) {
    const { shell: host, ran } = shell("", { exitCode });
    expect(await host.accepts("192.0.2.1", 22, 3, never)).toBe(exitCode === 0);
    expect(ran.map((words) => words.join(" "))).toEqual(["nc -z -w 3 192.0.2.1 22"]);
  }
});

test("a disk of a running machine is grown to a total, where it is", async () => {
  const { shell: host, ran } = shell("");
  await host.extendDisk("16", 2048, { bus: 1, unit: 3 }, never);
  expect(ran.map((words) => words.join(" "))).toEqual(["vim-cmd vmsvc/device.diskextend 16 2048 1 3"]);
});

test.each([
  ["\n Error: Unknown command\n", ""],
  ["", "Unable to find it"],
  ["some progress", "Failed to do it"],
  ["Invalid option -x", ""],
  ["", "Connect to localhost failed: refused"],
])("esxcli fails if it says so, whatever its status: %j %j", async (stdout, stderr) => {
  const { shell: host, ran } = shell(stdout, { stderr });
  const error = await host.esxcli(["network", "vswitch"], never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommandError);
  expect(error).toMatchObject({ exitCode: 0, stdout, stderr });
  expect(ran).toEqual([["esxcli", "network", "vswitch"]]);
});

test("esxcli is fine if it says nothing, or something else", async () => {
  await shell("").shell.esxcli(["network"], never);
  await shell("No Error: here\n").shell.esxcli(["network"], never);
});
