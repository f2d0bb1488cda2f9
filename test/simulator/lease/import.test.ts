import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { diskFile } from "../../support/ova-builder.ts";
import { rawDisk } from "../../support/stream-vmdk.ts";
import { type Lab, startLab } from "../host/lab.ts";
import { allTexts, firstText } from "../host/raw-client.ts";
import { CPU, DISK, describeVm, item, MEMORY, SCSI } from "../ovf/descriptor.ts";
import { DISK_TYPE, importSpec, leaseState, openLease } from "./import.ts";

const MIB = 1024 * 1024;

/** An import of a one-disk VM whose lease is ready. */
async function readyLease(lab: Lab, name = "alpha") {
  const { ova, spec, files } = await importSpec(lab.client, name);
  const open = await openLease(lab.client, lab.simulator, spec);
  const content = Buffer.from(ova.files[0]?.content ?? []);
  const url = open.urls.get(files[0]?.deviceId ?? "") ?? "";
  const upload = () => lab.client.http("POST", url, content, DISK_TYPE);
  return { ...open, spec, content, url, upload };
}

async function nothingLeft({ simulator }: Lab): Promise<void> {
  await expect.poll(() => simulator.vms()).toEqual([]);
  expect(await simulator.files("datastore1")).toEqual([]);
  expect(simulator.leases()).toEqual([]);
}

describe("an import", () => {
  it("brings every byte of every disk to the datastore", async () => {
    const { simulator, client } = await startLab();
    const files = [diskFile("one.vmdk", { seed: 1 }), diskFile("two.vmdk", { seed: 2 })];
    const spec = await importSpec(client, "alpha", { files });
    expect(spec.files.map(({ path, create }) => [path, create])).toEqual([
      ["one.vmdk", false],
      ["two.vmdk", false],
    ]);
    const open = await openLease(client, simulator, spec.spec);
    for (const [index, { deviceId }] of spec.files.entries()) {
      const { status } = await client.http(
        "POST",
        open.urls.get(deviceId) ?? "",
        Buffer.from(files[index]?.content ?? []),
        DISK_TYPE,
      );
      expect(status).toBe(200);
      await client.ok("HttpNfcLeaseProgress", open.lease, `<percent>${(index + 1) * 50}</percent>`);
    }
    expect(await client.value(`Task:${open.task}`, "info.progress")).toBe("100");
    await client.ok("HttpNfcLeaseComplete", open.lease);
    expect(await client.value(open.lease, "state")).toBe("done");
    expect(
      (await readFile(simulator.diskFile("[datastore1] alpha/alpha.vmdk"))).equals(rawDisk(MIB, 1)),
    ).toBe(true);
    expect(
      (await readFile(simulator.diskFile("[datastore1] alpha/alpha_1.vmdk"))).equals(rawDisk(MIB, 2)),
    ).toBe(true);
    const end = await client.taskEnd(open.task);
    expect(end).toMatchObject({ state: "success", result: open.vm.split(":")[1] });
    expect((await client.task("PowerOnVM_Task", open.vm)).state).toBe("success");
  });

  it("tells the digests of what it got", async () => {
    const lab = await startLab();
    const { lease, content, upload } = await readyLease(lab);
    await upload();
    const manifest = await lab.client.ok("HttpNfcLeaseGetManifest", lease);
    expect(firstText(manifest, "sha1")).toBe(createHash("sha1").update(content).digest("hex"));
    expect(firstText(manifest, "size")).toBe(String(content.byteLength));
    const key = firstText(await lab.client.read(lease, "info"), "key");
    expect(firstText(manifest, "key")).toBe(key);
  });

  it("takes an ISO that comes along, by PUT, into the VM's folder", async () => {
    const lab = await startLab();
    const descriptor = describeVm({
      references:
        '<File ovf:id="file1" ovf:href="disk1.vmdk" ovf:size="1000"/><File ovf:id="file2" ovf:href="boot.iso" ovf:size="8"/>',
      items:
        CPU +
        MEMORY +
        SCSI +
        DISK +
        item(6, 5, { Address: "0" }) +
        item(7, 15, { HostResource: "ovf:/file/file2", Parent: "6", AddressOnParent: "0" }),
    });
    const { spec, files: items } = await importSpec(lab.client, "alpha", { descriptor });
    const iso = items.find(({ path }) => path === "boot.iso");
    const open = await openLease(lab.client, lab.simulator, spec);
    expect(iso?.create).toBe(true);
    const url = open.urls.get(iso?.deviceId ?? "") ?? "";
    expect((await lab.client.http("POST", url, "an image")).status).toBe(405);
    expect((await lab.client.http("PUT", url, "an image")).status).toBe(201);
    expect(await lab.simulator.files("datastore1")).toContain("alpha/_deviceImage0.iso");
    const drive = await lab.client.read(open.vm, "config.hardware.device[3000].backing");
    expect(firstText(drive, "fileName")).toBe("[datastore1] alpha/_deviceImage0.iso");
  });

  it.each([
    ["sha256", /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, ""],
    ["whole", /^$/, "-----BEGIN CERTIFICATE-----"],
  ] as const)(
    "announces the certificate of its endpoint as %s",
    async (leaseCertificate, thumbprint, start) => {
      const lab = await startLab({ apiVersion: "9.0.0.0", behaviour: { leaseCertificate } });
      lab.client.version = "9.0.0.0";
      const { info } = await readyLease(lab);
      expect(firstText(info, "sslThumbprint")).toMatch(thumbprint);
      expect(firstText(info, "sslCertificate").slice(0, start.length)).toBe(start);
    },
  );

  it("has device URLs for the host that the client is connected to", async () => {
    const lab = await startLab();
    const { info } = await readyLease(lab);
    expect(firstText(info, "url")).toMatch(/^https:\/\/\*\/nfc\/[0-9a-f-]+\/disk-0\.vmdk$/);
    expect(firstText(info, "sslThumbprint")).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    expect(firstText(info, "leaseTimeout")).toBe("300");
    expect(firstText(info, "totalDiskCapacityInKB")).toBe("1024");
  });
});

describe("while a lease is held", () => {
  it.each(["PowerOnVM_Task", "Destroy_Task"])("%s is refused", async (method) => {
    const lab = await startLab();
    const { vm } = await readyLease(lab);
    expect((await lab.client.call(method, vm)).fault).toBe("TaskInProgress");
  });

  it("a second import of the same name is refused", async () => {
    const lab = await startLab();
    const { spec } = await readyLease(lab);
    expect((await lab.client.call("ImportVApp", "ResourcePool:ha-root-pool", spec)).fault).toBe(
      "DuplicateName",
    );
  });
});

describe("an upload", () => {
  it("by the wrong method is 405", async () => {
    const lab = await startLab();
    const { url, content } = await readyLease(lab);
    expect((await lab.client.http("PUT", url, content)).status).toBe(405);
  });

  it("of something else than a streamOptimized disk is 500, and can be done again", async () => {
    const lab = await startLab();
    const { url, upload, lease } = await readyLease(lab);
    expect(await lab.client.http("POST", url, Buffer.alloc(4096), DISK_TYPE)).toMatchObject({
      status: 500,
      body: "Not a supported disk format (invalid sparse VMDK header)",
    });
    expect((await upload()).status).toBe(200);
    await lab.client.ok("HttpNfcLeaseComplete", lease);
  });

  it("to an unknown lease or file is 404", async () => {
    const lab = await startLab();
    const { url, content } = await readyLease(lab);
    expect((await lab.client.http("POST", url.replace("disk-0", "disk-7"), content)).status).toBe(404);
    expect((await lab.client.http("POST", "/nfc/52-none/disk-0.vmdk", content)).status).toBe(404);
  });

  it("does not need the session that began the import", async () => {
    const lab = await startLab();
    const { upload } = await readyLease(lab);
    lab.simulator.expireSessions();
    expect((await upload()).status).toBe(200);
  });

  it("that fills the datastore is 500, fails the lease and leaves nothing", async () => {
    const lab = await startLab({ datastores: [{ name: "datastore1", capacityBytes: MIB / 2 }] });
    const { upload, lease } = await readyLease(lab);
    const reply = await upload();
    expect(reply.status).toBe(500);
    expect(reply.body).toContain("Insufficient disk space");
    expect(await leaseState(lab.client, lease, "ready")).toBe("error");
    expect(await lab.client.read(lease, "error")).toContain('<fault xsi:type="NoDiskSpace">');
    await nothingLeft(lab);
  });
});

describe("a lease that ends badly takes everything with it", () => {
  it("when it is aborted", async () => {
    const lab = await startLab();
    const { lease, upload, task } = await readyLease(lab);
    await upload();
    await lab.client.ok("HttpNfcLeaseAbort", lease);
    expect(await lab.client.value(lease, "state")).toBe("error");
    await nothingLeft(lab);
    expect(await lab.client.taskEnd(task)).toMatchObject({ state: "error", fault: "RequestCanceled" });
  });

  it("when its task is cancelled", async () => {
    const lab = await startLab();
    const { lease, task } = await readyLease(lab);
    await lab.client.ok("CancelTask", `Task:${task}`);
    expect(await leaseState(lab.client, lease, "ready")).toBe("error");
    await nothingLeft(lab);
  });

  it("when its task is cancelled before the VM is made", async () => {
    const lab = await startLab({ taskDurationMs: 100 });
    const { spec } = await importSpec(lab.client, "alpha");
    const lease = `HttpNfcLease:${firstText(await lab.client.ok("ImportVApp", "ResourcePool:ha-root-pool", spec), "returnval")}`;
    await lab.client.ok("CancelTask", `Task:${lab.simulator.tasks().at(-1)?.key}`);
    expect(await leaseState(lab.client, lease, "initializing")).toBe("error");
    await nothingLeft(lab);
  });

  it("when nobody reports progress in time", async () => {
    const lab = await startLab({ leaseTimeoutSeconds: 0.05 });
    const { lease } = await readyLease(lab);
    expect(await leaseState(lab.client, lease, "ready")).toBe("error");
    expect(await lab.client.read(lease, "error")).toContain('<fault xsi:type="Timedout">');
    await nothingLeft(lab);
    expect((await lab.client.call("HttpNfcLeaseProgress", lease, "<percent>1</percent>")).fault).toBe(
      "InvalidState",
    );
  });

  it("when it is completed before the files are there", async () => {
    const lab = await startLab();
    const { lease } = await readyLease(lab);
    expect((await lab.client.call("HttpNfcLeaseComplete", lease)).fault).toBe("InvalidState");
    expect(await lab.client.value(lease, "state")).toBe("error");
    await nothingLeft(lab);
  });

  it("when it is aborted in mid-upload", async () => {
    const lab = await startLab();
    const { lease, upload } = await readyLease(lab);
    lab.simulator.faults.add({ method: "nfc", atByte: 1000, action: "hang" });
    const uploading = expect(upload()).rejects.toThrow();
    await expect.poll(() => lab.simulator.requests.count("nfc")).toBe(1);
    await lab.client.ok("HttpNfcLeaseAbort", lease);
    await uploading;
    await nothingLeft(lab);
  });
});

describe("CreateImportSpec", () => {
  it("lists problems instead of failing", async () => {
    const { client } = await startLab();
    await expect(importSpec(client, "x".repeat(81))).rejects.toThrow(/name/i);
  });

  it("makes a spec that the host itself accepts, whatever the client does with it", async () => {
    const lab = await startLab();
    const { spec } = await importSpec(lab.client, "alpha");
    expect(allTexts(spec, "name")).toContain("alpha");
    const renamed = spec.replace("<name>alpha</name>", "<name>beta</name>");
    const { vm } = await openLease(lab.client, lab.simulator, renamed);
    expect(await lab.client.value(vm, "name")).toBe("beta");
  });
});
