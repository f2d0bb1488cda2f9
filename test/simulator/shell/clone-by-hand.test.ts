import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Simulator } from "../../../simulator/index.ts";
import { monolithicVmdk } from "../../support/monolithic-vmdk.ts";
import { rawDisk, streamVmdk } from "../../support/stream-vmdk.ts";
import { createVm, disk, nic, restart, SCSI, startLab } from "../host/lab.ts";
import { ended, logIn, open, run } from "../ssh/ssh-lab.ts";
import { createBase, guestBytes, guestDigest, sha256 } from "../vm/snapshot/linked-vm.ts";

const DS = "/vmfs/volumes/datastore1";
const SSH = { ssh: { listen: "127.0.0.1:0" } };

const byName = (simulator: Simulator, name: string) => simulator.vms().find((vm) => vm.name === name);

describe("a clone by hand over SSH", () => {
  it("works on a free licence, where the API refuses every write", async () => {
    const { host, simulator: licensed, client: before } = await startLab(SSH);
    const base = await createBase(licensed, before);
    await before.task("PowerOnVM_Task", base);
    await before.task("PowerOffVM_Task", base);

    const { simulator, client: soap } = await restart(host, { license: "free" });
    expect((await soap.call("PowerOnVM_Task", base)).fault).toBe("RestrictedVersion");
    expect(
      (await soap.call("MakeDirectory", "FileManager:ha-nfc-file-manager", "<name>[datastore1] x</name>"))
        .fault,
    ).toBe("RestrictedVersion");
    expect(await soap.value(base, "name")).toBe("base");

    const client = await logIn(simulator);
    const cloned = await run(
      client,
      `mkdir ${DS}/copy && vmkfstools -i ${DS}/base/base.vmdk ${DS}/copy/copy.vmdk -d thin`,
    );
    expect(cloned).toMatchObject({ code: 0, stderr: "" });
    expect(cloned.stdout).toMatch(
      /^Destination disk format: VMFS thin-provisioned\nCloning disk '.*'\.\.\.\n(\rClone: \d+% done\.)+\n$/,
    );
    expect(cloned.stdout).toContain("\rClone: 100% done.");
    expect(await guestDigest(simulator, "[datastore1] copy/copy.vmdk")).toBe(
      sha256(await guestBytes(simulator, "[datastore1] base/base.vmdk")),
    );
    const vmx = (await run(client, `cat ${DS}/base/base.vmx`)).stdout;
    const own = vmx
      .replaceAll("base", "copy")
      .split("\n")
      .filter((line) => !/^(uuid\.|vc\.uuid|vmci0\.id|sched\.swap|migrate\.)/.test(line))
      .join("\n");
    expect((await run(client, `cat > ${DS}/copy/copy.vmx`, own)).code).toBe(0);
    const registered = await run(client, `vim-cmd solo/registervm ${DS}/copy/copy.vmx`);
    expect(registered).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) });
    const id = registered.stdout.trim();
    expect(await run(client, `vim-cmd vmsvc/power.on ${id}`)).toEqual({
      code: 0,
      stdout: "Powering on VM:\n",
      stderr: "",
    });
    expect((await run(client, `vim-cmd vmsvc/message ${id}`)).stdout).toBe("No message.\n");
    expect((await run(client, `vim-cmd vmsvc/power.getstate ${id}`)).stdout).toBe(
      "Retrieved runtime info\nPowered on\n",
    );
    expect(byName(simulator, "copy")?.uuid).not.toBe(byName(simulator, "base")?.uuid);
  });

  it("is asked what became of it when its identity was left in, and answers by number", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    await createVm(soap, "base", { tail: nic() });
    const client = await logIn(simulator);
    const made = await run(
      client,
      `cd ${DS} && mkdir copy && cp base/base.vmx copy/copy.vmx && vim-cmd solo/registervm ${DS}/copy/copy.vmx copy`,
    );
    const id = made.stdout.trim();
    const starting = await open(client, `vim-cmd vmsvc/power.on ${id}`);
    starting.end();
    await expect
      .poll(async () => (await run(client, `vim-cmd vmsvc/message ${id}`)).stdout)
      .toMatch(/msg\.uuid\.altered/);
    const { stdout } = await run(client, `vim-cmd vmsvc/message ${id}`);
    const [, question] = /^Virtual machine message (\S+):/.exec(stdout) ?? [];
    expect(stdout).toMatch(/^ {3}0\. Cancel \(Cancel\)$/m);
    expect(stdout).toMatch(/^ {3}2\. I _Copied It \(I _Copied It\) \[default\]$/m);
    expect((await run(client, `vim-cmd vmsvc/message ${id} ${question} 2`)).stdout).toBe("");
    expect(await ended(starting)).toEqual({ code: 0, stdout: "Powering on VM:\n", stderr: "" });
    expect(byName(simulator, "copy")?.uuid).not.toBe(byName(simulator, "base")?.uuid);
  });

  it.each([
    ["made", /^52/],
    ["empty", /^$/],
  ] as const)("has an instance UUID that is %s where the host does so", async (registeredUuid, uuid) => {
    const { simulator, client: soap } = await startLab({ ...SSH, behaviour: { registeredUuid } });
    await createVm(soap, "base");
    const client = await logIn(simulator);
    const vmx = (await run(client, `mkdir ${DS}/copy && cat ${DS}/base/base.vmx`)).stdout;
    await run(client, `cat > ${DS}/copy/copy.vmx`, vmx.replace(/^vc\.uuid.*$/m, 'vc.uuid = ""'));
    await run(client, `vim-cmd solo/registervm ${DS}/copy/copy.vmx copy`);
    expect(byName(simulator, "copy")?.instanceUuid).toMatch(uuid);
  });

  it("of hardware that the host does not know is in its inventory, and invalid", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    await createVm(soap, "base");
    const client = await logIn(simulator);
    const vmx = (await run(client, `mkdir ${DS}/copy && cat ${DS}/base/base.vmx`)).stdout;
    await run(
      client,
      `cat > ${DS}/copy/copy.vmx`,
      vmx.replace(/^virtualHW\.version.*$/m, 'virtualHW.version = "99"'),
    );
    const made = await run(client, `vim-cmd solo/registervm ${DS}/copy/copy.vmx copy`);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) });
    expect((await run(client, "vim-cmd vmsvc/getallvms")).stdout).toContain(
      `Skipping invalid VM '${made.stdout.trim()}'`,
    );
  });

  it("of newer hardware does not start without PCI bridges", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    const vm = await createVm(soap, "base", { tail: SCSI + nic() });
    const client = await logIn(simulator);
    const edit = async (pattern: RegExp, by: string) => {
      const vmx = (await run(client, `cat ${DS}/base/base.vmx`)).stdout;
      await run(client, `cat > ${DS}/base/base.vmx`, vmx.replace(pattern, by));
    };
    await edit(/^pciBridge.*$/gm, "");
    expect(await soap.task("PowerOnVM_Task", vm)).toMatchObject({
      fault: "GenericVmConfigFault",
      message: "No PCIe slot available for SCSI0.",
    });
    await edit(/^virtualHW.version.*$/m, 'virtualHW.version = "18"');
    expect((await soap.task("PowerOnVM_Task", vm)).state).toBe("success");
  });

  it.each([
    ["streamOptimized", 22, streamVmdk(rawDisk(2 ** 20))],
    ["monolithicSparse", 2, monolithicVmdk(rawDisk(2 ** 20))],
  ])(
    "with a disk of another product's format, %s, is registered, read, and refused when it is to start",
    async (_format, type, image) => {
      const { simulator, client: soap } = await startLab(SSH);
      const vm = await createVm(soap, "base", { tail: SCSI + disk(65_536) });
      const client = await logIn(simulator);
      await run(client, `cat > ${DS}/base/base.vmdk`, image);
      const id = /\d+$/.exec(vm)?.[0] ?? vm;
      expect(await run(client, `vim-cmd vmsvc/reload ${id}`)).toMatchObject({ code: 0 });
      expect(await soap.value(vm, "name")).toBe("base");
      expect(await soap.task("PowerOnVM_Task", vm)).toMatchObject({
        fault: "GenericVmConfigFault",
        message: `Unsupported or invalid disk type ${type} for 'scsi0:0'. Ensure that the disk has been imported.`,
      });
    },
  );

  it("leaves a part of the disk behind when the client goes away in the middle", async () => {
    const { simulator, client: soap } = await startLab({ ...SSH, taskDurationMs: 3000 });
    await createVm(soap, "base", { tail: SCSI + disk(65_536) });
    const client = await logIn(simulator);
    const channel = await open(client, `vmkfstools -i ${DS}/base/base.vmdk ${DS}/part.vmdk -d thin`);
    await new Promise((resolve) => channel.once("data", resolve));
    client.destroy();
    const other = await logIn(simulator);
    await expect
      .poll(() => simulator.requests.entries().find(({ target }) => target.includes("part.vmdk"))?.status, {
        timeout: 20_000,
      })
      .toBeDefined();
    expect((await run(other, `ls ${DS}`)).stdout).toContain("part.vmdk");
    expect((await run(other, `vmkfstools -U ${DS}/part.vmdk; ls ${DS}`)).stdout).toBe("base\n");
  });
});

describe("vmkfstools", () => {
  it("makes, grows, renames, checks and deletes disks, and says what it cannot", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    const base = await createBase(simulator, soap);
    const client = await logIn(simulator);
    const tool = async (args: string) => await run(client, `cd ${DS} && vmkfstools ${args}`);
    expect(await tool("-c 4M -d thin -a lsilogic a.vmdk")).toMatchObject({
      code: 0,
      stdout: "Creating disk 'a.vmdk' and zeroing it out...\nCreate: 100% done.\n",
    });
    expect(await tool("-X 8M a.vmdk")).toMatchObject({ code: 0, stdout: "Grow: 100% done.\n" });
    expect(await tool("-X 4M a.vmdk")).toMatchObject({
      code: 255,
      stderr: expect.stringMatching(/^Failed to extend disk: /),
    });
    expect(await tool("-E a.vmdk b.vmdk")).toMatchObject({ code: 0, stdout: "" });
    expect(await tool("-e b.vmdk")).toMatchObject({ code: 0, stdout: "Disk chain is consistent.\n" });
    const failures = [
      ["-i base/base.vmdk b.vmdk -d thin", "Failed to clone disk: The file already exists (39).\n"],
      [
        "-i base/none.vmdk c.vmdk -d thin",
        "Failed to clone disk: The system cannot find the file specified (25).\n",
      ],
      [
        "-i base/base-flat.vmdk c.vmdk -d thin",
        "Failed to clone disk: The file specified is not a virtual disk (15).\n",
      ],
      [
        "-i base/base.vmdk no/c.vmdk -d thin",
        "Failed to clone disk: The system cannot find the file specified (25).\n",
      ],
    ];
    for (const [args = "", stderr] of failures) expect(await tool(args)).toMatchObject({ code: 255, stderr });
    expect(await tool("-U b.vmdk")).toEqual({ code: 0, stdout: "", stderr: "" });
    await soap.task("PowerOnVM_Task", base);
    const locked = "Failed to lock the file (16392).\n";
    expect((await tool("-i base/base.vmdk c.vmdk -d thin")).stderr).toBe(`Failed to clone disk: ${locked}`);
    expect((await tool("-U base/base.vmdk")).stderr).toBe(`Failed to delete virtual disk: ${locked}`);
    expect((await run(client, `cat ${DS}/base/base-flat.vmdk`)).stderr).toContain("Device or resource busy");
    expect((await run(client, `rm -r ${DS}/base`)).stderr).toContain("Device or resource busy");
    expect(await simulator.files("datastore1")).not.toContain("c.vmdk");
  });

  it("flattens a chain, and tells a broken one", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    const base = await createBase(simulator, soap);
    const client = await logIn(simulator);
    const id = base.split(":")[1];
    expect((await run(client, `vim-cmd vmsvc/snapshot.create ${id} first 'a test' 0 0`)).stdout).toBe(
      "Create Snapshot:\n",
    );
    await soap.task("PowerOnVM_Task", base);
    await simulator.writeAsGuest(id ?? "", { offsetBytes: 12_345, data: randomBytes(9999) });
    await soap.task("PowerOffVM_Task", base);
    const leaf = "[datastore1] base/base-000001.vmdk";
    expect(
      (await run(client, `cd ${DS} && vmkfstools -i base/base-000001.vmdk flat.vmdk -d thin`)).code,
    ).toBe(0);
    expect(await guestDigest(simulator, "[datastore1] flat.vmdk")).toBe(
      sha256(await guestBytes(simulator, leaf)),
    );
    expect((await run(client, `vim-cmd vmsvc/snapshot.get ${id}`)).stdout).toMatch(/Snapshot Name +: first/);
    await run(client, `vmkfstools -X 20M ${DS}/base/base.vmdk`);
    const broken = await run(client, `vmkfstools -e ${DS}/base/base-000001.vmdk`);
    expect(broken.stdout).toMatch(
      /^Disk chain is not consistent : The parent virtual disk has been modified .*\(18\)/,
    );
    const start = await run(client, `vim-cmd vmsvc/power.on ${id}`);
    expect(start.stdout).toContain("Power on failed");
    expect(start.stdout).toMatch(/\(vim\.fault\.GenericVmConfigFault\) \{[\s\S]*msg = ".*has been modified/);
    // The exit status says nothing of it.
    expect(start.code).toBe(0);
  });
});

describe("vim-cmd and esxcli", () => {
  it("list the VMs, with annotations over several lines and names with blanks", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    const head = "<annotation>first\nsecond</annotation>";
    await createVm(soap, "two words", { head: `<guestId>debian12_64Guest</guestId>${head}` });
    const client = await logIn(simulator);
    const { stdout } = await run(client, "vim-cmd vmsvc/getallvms");
    const [title, row, rest] = stdout.split("\n");
    expect(rest).toBe("second");
    expect(title).toMatch(/^Vmid +Name +File +Guest OS +Version +Annotation$/);
    expect(row).toMatch(
      /^(\d+)\s+(two words)\s+(\[datastore1\] two words\/two words\.vmx)\s+(\S+)\s+(vmx-\d+)/,
    );
  });

  it("show what the API shows", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    const vm = await createVm(soap, "alpha", { tail: SCSI + disk(2048) + nic() });
    const id = vm.split(":")[1];
    const client = await logIn(simulator);
    const unset = await run(client, `vim-cmd vmsvc/get.guest ${id}`);
    expect(unset.stdout).toMatch(
      /^Guest information:\n\n\(vim\.vm\.GuestInfo\) \{[\s\S]*\n {3}ipAddress = <unset>/,
    );
    await soap.task("PowerOnVM_Task", vm);
    await expect
      .poll(async () => (await run(client, `vim-cmd vmsvc/get.guest ${id}`)).stdout)
      .toMatch(/\n {3}ipAddress = "10\.\d+\.\d+\.\d+"/);
    expect((await run(client, `vim-cmd vmsvc/get.summary ${id}`)).stdout).toMatch(/powerState = "poweredOn"/);
    expect((await run(client, `vim-cmd vmsvc/get.config ${id}`)).stdout).toMatch(
      /vmPathName = "\[datastore1\] alpha\/alpha\.vmx"/,
    );
    expect((await run(client, `vim-cmd vmsvc/device.getdevices ${id}`)).stdout).toMatch(
      /\(vim\.vm\.device\.VirtualDisk\.FlatVer2BackingInfo\)/,
    );
    const world = /^(\d+),/m.exec(
      (await run(client, "esxcli --formatter csv network vm list")).stdout.replace(/^.*\n/, ""),
    );
    const list = (await run(client, "esxcli --formatter=csv vm process list")).stdout.split("\n");
    expect(list[0]).toBe("ConfigFile,DisplayName,Name,ProcessID,UUID,VMXCartelID,WorldID,");
    expect(world ?? list[1]).toBeTruthy();
    const worldId = list[1]?.split(",").at(-2);
    expect((await run(client, `esxcli network vm port list -w ${worldId}`)).stdout).toMatch(
      /IP Address: 10\.\d+/,
    );
    expect((await run(client, "vim-cmd vmsvc/get.summary 999")).stdout).toContain(
      'msg = "Unable to find a VM corresponding to "999""\n}',
    );
    expect((await run(client, `vim-cmd vmsvc/reload ${id}`)).stdout).toContain(
      "(vim.fault.InvalidPowerState)",
    );
    await run(client, `vim-cmd vmsvc/power.off ${id}; vim-cmd vmsvc/unregister ${id}`);
    expect(simulator.vms()).toEqual([]);
    expect(await simulator.files("datastore1")).toContain("alpha/alpha.vmx");
  });

  it.each([
    ["8.0.3.0", /Power on failed\n\(vim\.fault\.GenericVmConfigFault\) \{/],
    [
      "9.0.0.0",
      /Power on failed: \(vim\.fault\.GenericVmConfigFault\) \{[\s\S]*faultMessage = \(vmodl\.LocalizableMessage\) \[/,
    ],
  ])("print a fault as a host of %s does", async (apiVersion, printed) => {
    const { simulator, client: soap } = await startLab({ ...SSH, apiVersion });
    const vm = await createVm(soap, "odd", { memoryMB: 66 });
    const client = await logIn(simulator);
    const { stdout } = await run(client, `vim-cmd vmsvc/power.on ${vm.split(":")[1]}`);
    expect(stdout).toMatch(printed);
    expect(stdout).toMatch(
      /^ {3}reason = "Invalid memory setting[^"]*"\n {3}msg = "Invalid memory[^"]*"\n\}$/m,
    );
  });

  it("reads a .vmx again after it was edited, and skips a VM whose .vmx is gone", async () => {
    const { simulator, client: soap } = await startLab(SSH);
    const vm = await createVm(soap, "alpha");
    const id = vm.split(":")[1];
    const client = await logIn(simulator);
    await run(client, `echo 'memSize = "128"' >> ${DS}/alpha/alpha.vmx && vim-cmd vmsvc/reload ${id}`);
    expect(await soap.value(vm, "config.hardware.memoryMB")).toBe("128");
    await run(client, `rm ${DS}/alpha/alpha.vmx`);
    expect((await run(client, "vim-cmd vmsvc/getallvms")).stdout).toContain(`Skipping invalid VM '${id}'\n`);
  });
});
