/** What machines need that are in no inventory: read from their files. One host, on which only those files change. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ageClock } from "../../../../../provider/clock.ts";
import type { EsxiHost } from "../../../../../provider/host/esxi-host.ts";
import {
  rememberRemoved,
  unregisteredVms,
} from "../../../../../provider/host/file-use/from-files/unregistered.ts";
import { readDatastores } from "../../../../../provider/host/inventory/datastores.ts";
import { SERVES } from "../../../../../provider/vim/tuning.ts";
import { failure, Lab } from "../../../resources/lab.ts";

const SEARCH = "SearchDatastoreSubFolders_Task";
const VMX = "[datastore1] s/s.vmx";

let lab: Lab;
/** A connection of its own for each test: what it has seen counts for a whole run. */
let host: EsxiHost;
/** How much later it is than the clock says. */
let laterMs = 0;

async function put(path: string, content: string): Promise<void> {
  const file = lab.raw.simulator.localFile(path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** A machine's file, with disks and with images in drives. */
const vmx = (disks: readonly string[], images: readonly string[] = []) =>
  [
    '.encoding = "UTF-8"',
    ...disks.flatMap((file, at) => [`scsi0:${at}.present = "TRUE"`, `scsi0:${at}.fileName = "${file}"`]),
    ...images.flatMap((file, at) => [
      `ide0:${at}.present = "TRUE"`,
      `ide0:${at}.deviceType = "cdrom-image"`,
      `ide0:${at}.fileName = "${file}"`,
    ]),
  ].join("\n");

const device = (datastore: string | undefined, path: string) => ({ datastore, path, as: "device" });
const look = (registered: readonly string[] = [], anew = false) =>
  unregisteredVms(host, new Set(registered), anew);
/** What is needed, by all of them. */
const needs = async (...args: Parameters<typeof look>) =>
  (await look(...args)).flatMap((found) => found.needs);
const filesRead = () =>
  lab.raw.simulator.requests.entries().filter(({ method }) => method === "folder").length;

beforeAll(async () => {
  const datastores = ["datastore1", "ssd"].map((name) => ({ name, capacityBytes: 1024 ** 3 }));
  lab = await Lab.open({ datastores });
});

afterAll(() => lab.close());

beforeEach(() => {
  host = lab.connect();
  const now = ageClock.now.bind(ageClock);
  vi.spyOn(ageClock, "now").mockImplementation(() => now() + laterMs);
  lab.raw.simulator.requests.clear();
});

afterEach(async () => {
  vi.restoreAllMocks();
  laterMs = 0;
  lab.raw.simulator.faults.clear();
  for (const path of ["[datastore1] s", "[datastore1] linking", "[ssd] s"])
    await rm(lab.raw.simulator.localFile(path), { recursive: true, force: true });
});

describe("a machine needs", () => {
  test("disks outside its folder, by each way to write them, and no disk inside", async () => {
    const ssd = (await readDatastores(host)).find(({ name }) => name === "ssd");
    const uuid = ssd?.url.split("/").filter(Boolean).at(-1);
    const far = [`/vmfs/volumes/datastore1/base/1.vmdk`, `/vmfs/volumes/ssd/s/2.vmdk`];
    const unnamed = [`/vmfs/volumes/${uuid}/base/../3.vmdk`, "/vmfs/volumes/5e2c-1/s/4.vmdk"];
    await put(VMX, vmx(["s.vmdk", "/vmfs/volumes/datastore1/s/0.vmdk", "../up.vmdk", ...far, ...unnamed]));
    expect(await look()).toEqual([
      {
        vmxPath: VMX,
        needs: [
          device("datastore1", "up.vmdk"),
          device("datastore1", "base/1.vmdk"),
          device("ssd", "s/2.vmdk"),
          device("ssd", "3.vmdk"),
          device(undefined, "s/4.vmdk"),
        ],
      },
    ]);
  });

  test("no disk beside it if it is at the top of its datastore", async () => {
    await put("[ssd] top.vmx", vmx(["top.vmdk", "s/5.vmdk"]));
    expect(await needs()).toEqual([device("ssd", "s/5.vmdk")]);
    await rm(lab.raw.simulator.localFile("[ssd] top.vmx"));
  });

  test("what its file names, in an encoding of its own or one that nobody knows", async () => {
    for (const encoding of ["GBK", "x-vmware-9"]) {
      await put(VMX, vmx(["../base/1.vmdk"]).replace("UTF-8", encoding));
      expect(await needs(), encoding).toEqual([device("datastore1", "base/1.vmdk")]);
      await rm(lab.raw.simulator.localFile(VMX));
      host = lab.connect();
    }
  });

  test("images outside its folder", async () => {
    await put(VMX, vmx([], ["own.iso", "/vmfs/volumes/ssd/iso/x.iso"]));
    expect(await needs()).toEqual([device("ssd", "iso/x.iso")]);
  });

  test("the disks on which those in its folder build", async () => {
    await put(VMX, vmx(["s.vmdk"]));
    await put(
      "[datastore1] s/s.vmdk",
      '# Disk DescriptorFile\nversion=1\ncreateType="vmfs"\nparentFileNameHint="../base/base.vmdk"\n',
    );
    expect(await needs()).toEqual([{ datastore: "datastore1", path: "base/base.vmdk", as: "base" }]);
  });

  test("nothing that can be told if its file is none", async () => {
    await put(VMX, '\0\nscsi0:0.present = "TRUE"\nscsi0:0.fileName = "../a.vmdk"\n');
    expect(await look()).toEqual([]);
  });
});

describe("no machine counts", () => {
  beforeEach(() => put(VMX, vmx(["../a.vmdk"])));

  test("that is registered, however the host names its datastore, and its file is not read", async () => {
    expect([await look([VMX]), await look(["[] s/s.vmx"])]).toEqual([[], []]);
    expect(filesRead()).toBe(0);
  });

  test("that this run has removed", async () => {
    rememberRemoved(host, "[datastore1] s//s.vmx");
    expect(await look()).toEqual([]);
  });

  test("that is a clone on its way, and nothing but a machine's file is read", async () => {
    await put("[datastore1] s/pulumi-linking-1/s.vmx", vmx(["../a.vmdk"]));
    await put("[ssd] s/notes.txt", vmx(["../a.vmdk"]));
    expect((await look()).map(({ vmxPath }) => vmxPath)).toEqual([VMX]);
    // Its .vmx file, and the head of the disk that it has.
    expect(filesRead()).toBe(2);
  });
});

test("a machine that has left the inventory counts, although the search is older than its file", async () => {
  expect(await look([VMX, "[] ssd/s/t.vmx"])).toEqual([]);
  await put(VMX, vmx(["../a.vmdk"]));
  expect(await needs()).toEqual([device("datastore1", "a.vmdk")]);
  expect(lab.raw.count(SEARCH)).toBe(2);
});

describe("a file that was read", () => {
  beforeEach(async () => {
    await put(VMX, vmx(["../a.vmdk"]));
    expect(await needs()).toEqual([device("datastore1", "a.vmdk")]);
    lab.raw.simulator.requests.clear();
  });

  test("serves as long as the search", async () => {
    await put(VMX, vmx(["../other.vmdk"]));
    laterMs = SERVES.overviewMs - 1000;
    expect(await needs()).toEqual([device("datastore1", "a.vmdk")]);
    expect([lab.raw.count(SEARCH), filesRead()]).toEqual([0, 0]);
  });

  test("is searched after that, and read again only if it is another", async () => {
    laterMs = SERVES.overviewMs;
    expect(await needs()).toEqual([device("datastore1", "a.vmdk")]);
    expect([lab.raw.count(SEARCH), filesRead()]).toEqual([2, 0]);
    await put(VMX, vmx(["../other.vmdk"]));
    laterMs *= 2;
    expect(await needs()).toEqual([device("datastore1", "other.vmdk")]);
  });

  test("is read again if somebody wants to know it anew", async () => {
    await put(VMX, vmx(["../b.vmdk"]));
    expect(await needs()).toEqual([device("datastore1", "a.vmdk")]);
    expect(await needs([], true)).toEqual([device("datastore1", "b.vmdk")]);
  });
});

test("what is on a datastore that goes away during the search is in nobody's way, until it is back", async () => {
  await put("[ssd] s/s.vmx", vmx(["../b.vmdk"]));
  const { setAway } = lab.raw.simulator.behindBack;
  lab.raw.simulator.faults.add({
    method: SEARCH,
    action: { fault: "InaccessibleDatastore" },
    onWork: (moment) => (moment === "before" ? setAway("ssd", true) : undefined),
  });
  const gone = await failure(look());
  expect(gone.message).toContain('the datastore "datastore1" could not be searched');
  lab.raw.simulator.faults.clear();
  expect(await needs()).toEqual([]);
  setAway("ssd", false);
  expect(await needs([], true)).toEqual([device("ssd", "b.vmdk")]);
});

test("a datastore that nobody may search is not asked again, and the other one is", async () => {
  await put(VMX, vmx(["../a.vmdk"]));
  await put("[ssd] s/s.vmx", vmx(["../b.vmdk"]));
  lab.raw.simulator.faults.add({ method: SEARCH, count: 1, action: { fault: "NoPermission" } });
  const [first] = await needs();
  lab.raw.simulator.faults.clear();
  expect(await needs([], true)).toEqual([first]);
  expect(lab.raw.count(SEARCH)).toBe(3);
});
