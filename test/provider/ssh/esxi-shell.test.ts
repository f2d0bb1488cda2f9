import { describe, expect, test } from "vitest";
import { CommandError } from "../../../provider/ssh/command-error.ts";
import type { ExecOptions, SshExec } from "../../../provider/ssh/connection.ts";
import { EsxiShell } from "../../../provider/ssh/esxi-shell.ts";
import { VimCmdError } from "../../../provider/ssh/vim-cmd-error.ts";
import { VmkfstoolsError } from "../../../provider/ssh/vmkfstools-error.ts";

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

  test.each([
    ["Powered on", "poweredOn"],
    ["Powered off", "poweredOff"],
    ["Suspended", "suspended"],
  ])("reads the power state %s", async (line, state) => {
    expect(await shell(`Retrieved runtime info\n${line}\n`).shell.powerState("1", never)).toBe(state);
  });

  test("reads the guest's address, or that it has none", async () => {
    const guest = (address: string) =>
      shell(`Guest information:\n\n(vim.vm.GuestInfo) {\n   ipAddress = ${address},\n}\n`);
    expect(await guest('"10.0.0.5"').shell.guestAddress("1", never)).toBe("10.0.0.5");
    expect(await guest("<unset>").shell.guestAddress("1", never)).toBeUndefined();
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
