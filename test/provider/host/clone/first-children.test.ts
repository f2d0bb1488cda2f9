/** First children of a source's disks: what the machine has that the host makes them for, and what becomes of it. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { firstChildren } from "../../../../provider/host/clone/first-children.ts";
import { linkingName } from "../../../../provider/host/clone/linking-name.ts";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { SshLostError } from "../../../../provider/ssh/ssh-lost-error.ts";
import { parseVmx } from "../../../../provider/vmx/vmx.ts";
import { failure } from "../../resources/lab.ts";
import { SshFiles } from "../ssh-files.ts";

const ROOT = "/vmfs/volumes/datastore1";
const MARK = { urn: "urn:1", digest: "d" };
const PLACE = `${ROOT}/student/${linkingName(MARK)}`;
const ORIGINAL = `.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "golden"
guestOS = "other-64"
guestOS.detailed.data = "of golden's guest"
sched.guestOS = "golden's"
memSize = "128"
nvram = "golden.nvram"
uuid.bios = "56 4d 00 00 00 00 00 00-00 00 00 00 00 00 00 01"
vc.uuid = "52 00 00 00 00 00 00 00-00 00 00 00 00 00 00 01"
workingDir = "/vmfs/volumes/elsewhere"
pulumi-esxi-direct.owner = "golden's"
scsi0.present = "TRUE"
scsi0.virtualDev = "pvscsi"
scsi0.sasWWID = "50 05"
SCSI0:0.present = "TRUE"
scsi0:0.deviceType = "scsi-hardDisk"
scsi0:0.fileName = "golden.vmdk"
scsi0:0.sharing = "none"
scsi0:0.presentedAs = "golden's"
scsi10.present = "TRUE"
scsi0:1.fileName = "/vmfs/volumes/other/data.vmdk"
sata0.present = "TRUE"
sata0:0.present = "TRUE"
sata0:0.deviceType = "cdrom-image"
sata0:0.fileName = "theirs.iso"
ethernet0.present = "TRUE"
ethernet0.networkName = "VM Network"
`;
const DISKS = new Map([
  ["scsi0:0", `${ROOT}/golden/golden.vmdk`],
  ["scsi0:1", "/vmfs/volumes/other/data.vmdk"],
]);

type Watch = Parameters<EsxiHost["client"]["updates"]["watch"]>;

/** The shell and the API of a host, and what has been done there. */
let files: SshFiles;
let shell: EsxiShell;
let host: EsxiHost;
/** The machine's file when its snapshot is taken. */
let machine: Map<string, string | undefined>;
let isRegistered: boolean;
let isShown: boolean;

const child = (name: string, parent: string, cid = "1a1a1a1a") => {
  files.paths.set(
    `${PLACE}/${name}`,
    `CID=${cid}\nparentCID=1a1a1a1a\nparentFileNameHint="${parent}"\nRW 8 SESPARSE "${name.replace(".vmdk", "-sesparse.vmdk")}"\n`,
  );
  files.put(PLACE, name.replace(".vmdk", "-sesparse.vmdk"));
};
const vmxPath = `${PLACE}/linking.vmx`;
/** What the host does with the machine's file when it takes a snapshot. */
function rename(...[from, to]: readonly [string, string]): void {
  files.paths.set(vmxPath, String(files.paths.get(vmxPath)).replace(`"${from}"`, `"${to}"`));
}

/** Makes the host's snapshot what that makes of it. */
let snapshot: () => void;

beforeEach(() => {
  files = new SshFiles(ROOT, `${ROOT}/student`);
  shell = new EsxiShell(files);
  [isRegistered, isShown] = [false, false];
  snapshot = () => {
    child("golden-000001.vmdk", `${ROOT}/golden/golden.vmdk`);
    child("data-000001.vmdk", "/vmfs/volumes/other/data.vmdk");
    rename(`${ROOT}/golden/golden.vmdk`, "golden-000001.vmdk");
    rename("/vmfs/volumes/other/data.vmdk", "data-000001.vmdk");
  };
  vi.spyOn(shell, "register").mockImplementation(async (path) => {
    expect(path).toBe(vmxPath);
    isRegistered = true;
    return "7";
  });
  vi.spyOn(shell, "unregister").mockImplementation(async (moid, limit) => {
    limit.throwIfAborted();
    expect(moid).toBe("7");
    isRegistered = false;
  });
  vi.spyOn(shell, "createSnapshot").mockImplementation(async (moid, _name, limit) => {
    limit.throwIfAborted();
    expect([moid, isRegistered]).toEqual(["7", true]);
    const vmx = parseVmx(Buffer.from(String(files.paths.get(vmxPath))));
    machine = new Map(vmx.keys().map((key) => [key, vmx.get(key)]));
    snapshot();
    isShown = true;
  });
  const seen = {
    moid: "7",
    ref: { type: "VirtualMachine", value: "7" },
    vmxPath: `[datastore1] student/${linkingName(MARK)}/linking.vmx`,
    instanceUuid: "52",
    devices: [],
  };
  host = {
    name: "esxi1",
    vms: { forget: () => {}, these: async () => new Map(isRegistered ? [["7", seen]] : []) },
    client: {
      updates: {
        watch: async (...[ref, type, paths, until, limit]: Watch) => {
          expect([ref.value, type, paths]).toEqual(["7", "VirtualMachine", ["snapshot"]]);
          // Before the first one, the host tells of none.
          for (const snapshot of [undefined, {}, { rootSnapshotList: [] }])
            expect(until({ snapshot } as never)).toBeFalsy();
          const shown = isShown && until({ snapshot: { rootSnapshotList: [{}] } } as never);
          if (shown) return shown;
          return new Promise((_, reject) => {
            const end = () => reject(limit?.reason);
            if (limit?.aborted) end();
            else limit?.addEventListener("abort", end);
          });
        },
      },
    },
  } as unknown as EsxiHost;
});

const make = (signal = new AbortController().signal) =>
  firstChildren(
    host,
    shell,
    parseDatastorePath("[datastore1] student"),
    parseVmx(Buffer.from(ORIGINAL)),
    DISKS,
    { source: { name: "golden" }, mark: MARK } as unknown as Parameters<typeof firstChildren>[5],
    { signal, onStatus: () => {}, onWarning: () => {} },
  );

test("each disk has one beside the machine that the host makes it for, and that is in no inventory afterwards", async () => {
  const made = await make();
  expect(made.map(({ device, folder, name }) => [device, folder, name])).toEqual([
    ["scsi0:0", PLACE, "golden-000001.vmdk"],
    ["scsi0:1", PLACE, "data-000001.vmdk"],
  ]);
  expect(made.map(({ descriptor }) => /parentFileNameHint="(.*)"/.exec(descriptor)?.[1])).toEqual([
    ...DISKS.values(),
  ]);
  expect(isRegistered).toBe(false);
  expect(files.names(PLACE)).toContain("linking.vmx");
});

test("that machine has the source's disks and nothing else of it, and snapshots beside itself", async () => {
  await make();
  const { displayName, "vc.uuid": uuid, ...others } = Object.fromEntries(machine);
  expect(others).toEqual({
    ".encoding": "UTF-8",
    "config.version": "8",
    "virtualHW.version": "19",
    guestOS: "other-64",
    "scsi0.present": "TRUE",
    "scsi0.virtualDev": "pvscsi",
    "scsi10.present": "TRUE",
    "SCSI0:0.present": "TRUE",
    "scsi0:0.deviceType": "scsi-hardDisk",
    "scsi0:0.fileName": `${ROOT}/golden/golden.vmdk`,
    "scsi0:1.fileName": "/vmfs/volumes/other/data.vmdk",
    "sata0.present": "TRUE",
    workingDir: ".",
    "snapshot.redoNotWithParent": "TRUE",
  });
  expect(displayName).toMatch(/^golden \(pulumi-esxi-direct links to its disks\)$/);
  expect(uuid).toMatch(/^[0-9a-f ]{23}-[0-9a-f ]{23}$/);
  expect(uuid).not.toContain("52 00 00 00 00");
});

describe("none are made", () => {
  test.each([
    [
      "a disk stays what it is",
      () => rename("golden-000001.vmdk", "/vmfs/volumes/datastore1/golden/golden.vmdk"),
    ],
    [
      "one is made in another folder",
      () => rename("golden-000001.vmdk", "/vmfs/volumes/other/golden-000001.vmdk"),
    ],
    ["one has another's bytes", () => child("golden-000001.vmdk", "golden.vmdk", "2b2b2b2b")],
    ["one is not there", () => files.paths.delete(`${PLACE}/data-000001.vmdk`)],
    [
      "one is at another place of the bus",
      () => files.paths.set(vmxPath, String(files.paths.get(vmxPath)).replace("scsi0:1", "scsi0:2")),
    ],
  ])("if %s: that is said, and the machine is in no inventory", async (_, change) => {
    const usual = snapshot;
    snapshot = () => {
      usual();
      change();
    };
    expect((await failure(make())).message).toMatch(
      /^esxi1: a snapshot of \[datastore1\] student\/pulumi-linking-\w+\/linking\.vmx did not make a disk beside it.*Use mode: "full"/,
    );
    expect(isRegistered).toBe(false);
  });

  test("if the machine's file is gone", async () => {
    snapshot = () => void files.paths.delete(vmxPath);
    expect((await failure(make())).message).toMatch(
      /^esxi1: there is no \[datastore1\] student\/pulumi-linking-\w+\/linking\.vmx any more/,
    );
    expect(isRegistered).toBe(false);
  });

  test("if the snapshot is refused, with the host's words", async () => {
    vi.mocked(shell.createSnapshot).mockRejectedValue(new Error("no space"));
    expect((await failure(make())).message).toBe("no space");
    expect(isRegistered).toBe(false);
  });
});

test("a snapshot whose answer was lost is taken all the same if the API shows it", async () => {
  const take = vi.mocked(shell.createSnapshot).getMockImplementation();
  vi.mocked(shell.createSnapshot).mockImplementation(async (...args) => {
    await take?.(...args);
    throw new SshLostError("the connection was lost");
  });
  expect(await make()).toHaveLength(2);
});

describe("what the API does not show", () => {
  let patience: AbortController;

  beforeEach(() => {
    patience = new AbortController();
    vi.mocked(shell.createSnapshot).mockResolvedValue();
  });

  const waiting = () => {
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
    return { timeout, making: make() };
  };

  test("within half a minute is said", async () => {
    const { timeout, making } = waiting();
    await vi.waitFor(() => expect(timeout).toHaveBeenCalledWith(30_000));
    timeout.mockRestore();
    patience.abort(new Error("over"));
    expect((await failure(making)).message).toMatch(
      /^esxi1: a snapshot .* was taken over SSH .* does not show it\. Run/,
    );
    expect(isRegistered).toBe(false);
  });

  test("because it fails is the error", async () => {
    const lost = new Error("the API is gone");
    host.client.updates.watch = () => Promise.reject(lost);
    expect(await failure(make())).toBe(lost);
  });

  test("before the run is stopped ends with the reason for that", async () => {
    const stop = new AbortController();
    vi.mocked(shell.createSnapshot).mockImplementation(
      async () => void setImmediate(() => stop.abort(new Error("^C"))),
    );
    expect((await failure(make(stop.signal))).message).toBe("^C");
    expect(isRegistered).toBe(false);
  });
});

describe("a run that is stopped", () => {
  /** The steps in their order. Each is ended if the run is stopped in it, and none comes after it but the way back. */
  const STEPS = ["mkdir", "cat >", "register", "createSnapshot"] as const;

  test.each(STEPS)(
    "in %s ends that, goes no further, and leaves no machine in the inventory",
    async (step) => {
      const stop = new AbortController();
      const done: string[] = [];
      const at = (name: string) => {
        done.push(name);
        if (name === step) stop.abort(new Error("^C"));
      };
      files.before = (command) => {
        const name = command.startsWith("cat >") ? "cat >" : command.split(" ")[0];
        if (name === "mkdir" || name === "cat >") at(name);
        return undefined;
      };
      for (const name of ["register", "createSnapshot"] as const) {
        const usual = vi.mocked(shell[name]).getMockImplementation() as (
          ...args: unknown[]
        ) => Promise<never>;
        vi.mocked(shell[name]).mockImplementation(async (...args: unknown[]) => {
          at(name);
          return usual(...args);
        });
      }
      expect((await failure(make(stop.signal))).message).toBe("^C");
      expect(done).toEqual(STEPS.slice(0, STEPS.indexOf(step) + 1));
      expect(isRegistered).toBe(false);
      expect(files.names(PLACE) !== undefined).toBe(true);
      expect(files.names(PLACE)?.includes("linking.vmx")).toBe(step !== "mkdir");
    },
  );

  test("ends with the reason for that, whatever the host said of the snapshot", async () => {
    const stop = new AbortController();
    vi.mocked(shell.createSnapshot).mockImplementation(async () => {
      stop.abort(new Error("^C"));
      throw new SshLostError("the connection was lost");
    });
    expect((await failure(make(stop.signal))).message).toBe("^C");
    expect(isRegistered).toBe(false);
  });

  test("before all that makes nothing", async () => {
    expect((await failure(make(AbortSignal.abort(new Error("^C"))))).message).toBe("^C");
    expect(files.changes).toEqual([]);
  });
});

test("the machine is taken out in the end although that was refused at first", async () => {
  vi.mocked(shell.unregister).mockRejectedValueOnce(new SshLostError("the connection was lost"));
  expect(await make()).toHaveLength(2);
  expect(isRegistered).toBe(false);
});
