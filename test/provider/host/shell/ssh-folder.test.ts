/** The folder of a clone that the host's shell makes: whose it is, what of it goes, and in which order. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { copyName, draftName } from "../../../../provider/host/clone/clone-files.ts";
import { linkingName } from "../../../../provider/host/clone/linking-name.ts";
import {
  claimFolder,
  clearFolderAway,
  flagOf,
  imageName,
  type MakingOptions,
  type NewMachine,
  removeMade,
  uploadName,
} from "../../../../provider/host/shell/ssh-folder.ts";
import type { OwnerMark } from "../../../../provider/host/vm/reading/owner-mark.ts";
import { ownSession } from "../../../../provider/host/vm/unfinished/session-owner.ts";
import { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { SshLostError } from "../../../../provider/ssh/ssh-lost-error.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { SshFiles } from "../ssh-files.ts";

const ROOT = "/vmfs/volumes/datastore1";
const MARK: OwnerMark = { schema: 1, urn: "urn:1", digest: "d", phase: "creating", session: "s" };
const FLAG = flagOf(MARK);
const DEAD = "0123456789abcdef";

let lab: Lab;
let session: string;

beforeAll(async () => {
  lab = await Lab.open();
  await new Stranger(lab).vm("theirs");
  session = await ownSession(lab.host);
});

afterAll(() => lab.close());

let files: SshFiles;
let shell: EsxiShell;
let said: string[];
let warned: string[];

beforeEach(() => {
  files = new SshFiles(ROOT);
  shell = new EsxiShell(files);
  said = [];
  warned = [];
});

afterEach(() => {
  vi.useRealTimers();
});

const options = (signal = new AbortController().signal): MakingOptions => ({
  signal,
  onStatus: (text) => void said.push(text),
  onWarning: (text) => void warned.push(text),
});
const MACHINE: NewMachine = {
  name: "student",
  datastore: "datastore1",
  folder: undefined,
  mark: MARK,
  disks: 3,
};
const claim = async (change: Partial<NewMachine> = {}, signal?: AbortSignal) =>
  (await claimFolder(lab.host, shell, { ...MACHINE, ...change }, options(signal))).path;
/** What a run has left in a folder that had that session. */
const leave = (folder: string, of: string, ...names: readonly string[]) => {
  files.put(`${ROOT}/${folder}`, ...names);
  files.paths.set(`${ROOT}/${folder}/${FLAG}`, of);
};
const names = (folder: string) => files.names(`${ROOT}/${folder}`);
const picture = () => JSON.stringify([...files.paths]);

describe("the folder of a new machine", () => {
  test("is made, with a flag in it that says who is at work and how many disks are to come", async () => {
    expect(await claim()).toBe("student");
    expect(names("student")).toEqual([FLAG]);
    expect(files.paths.get(`${ROOT}/student/${FLAG}`)).toBe(`${session}\n3`);
    expect([said, warned]).toEqual([[], []]);
  });

  test.each([
    ["a/b\\c: *d?", "a_b_c_ _d_"],
    ["...hidden", "_hidden"],
    ["web.example.", "web.example."],
    [' 50% "<x|y>" ', "50_ __x_y__"],
    ["\u0001a", "_a"],
    ["  ", "vm"],
  ])("of the name %j is called %j", async (name, folder) => {
    expect(await claim({ name })).toBe(folder);
  });

  test("has another number where one of its name is, empty or not, and ours not", async () => {
    files.put(`${ROOT}/student`, "notes.txt");
    files.put(`${ROOT}/student_1`, flagOf({ ...MARK, urn: "urn:2" }));
    const before = [names("student"), names("student_1")];
    expect(await claim()).toBe("student_2");
    expect([names("student"), names("student_1")]).toEqual(before);
    expect(said).toEqual([]);
  });

  test("is not looked for for ever", async () => {
    for (let number = 0; number < 100; number++)
      files.put(`${ROOT}/student${number ? `_${number}` : ""}`, "a");
    const before = picture();
    expect((await failure(claim())).message).toContain("has 100 folders named student on datastore1 already");
    expect(picture()).toBe(before);
    files.paths.delete(`${ROOT}/student_99`);
    files.paths.delete(`${ROOT}/student_99/a`);
    expect(await claim()).toBe("student_99");
  });

  test("is the one that was asked for, with those above it", async () => {
    files.put(`${ROOT}/lab`);
    expect(await claim({ folder: "lab/week1/student" })).toBe("lab/week1/student");
    expect(names("lab/week1/student")).toEqual([FLAG]);
    files.put(`${ROOT}/empty`);
    expect(await claim({ folder: "empty" })).toBe("empty");
  });

  test("is refused if it was asked for and has files in it", async () => {
    files.put(`${ROOT}/data`, "notes.txt");
    const before = picture();
    expect((await failure(claim({ folder: "data" }))).message).toMatch(
      /\[datastore1\] data has files in it already/,
    );
    expect(picture()).toBe(before);
  });

  test("is not made for a run that is to end", async () => {
    const reason = new Error("^C");
    expect(await failure(claim({}, AbortSignal.abort(reason)))).toBe(reason);
    const stop = new AbortController();
    files.before = (command) => {
      if (command.startsWith("test -d")) stop.abort(reason);
      return undefined;
    };
    expect(await failure(claim({}, stop.signal))).toBe(reason);
    expect(files.changes).toEqual([]);
  });

  test("gets no flag for a run that is to end", async () => {
    files.put(`${ROOT}/empty`);
    const reason = new Error("^C");
    const stop = new AbortController();
    files.before = (command) => {
      if (command.startsWith("ls")) stop.abort(reason);
      return undefined;
    };
    expect(await failure(claim({ folder: "empty" }, stop.signal))).toBe(reason);
    expect(files.changes.filter((command) => command.startsWith("cat"))).toEqual([]);
  });

  test("goes again if nobody heard that it was made", async () => {
    const lost = new SshLostError("the connection was lost");
    files.before = (command) => {
      if (!command.startsWith("mkdir")) return undefined;
      files.paths.set(`${ROOT}/student`, undefined);
      throw lost;
    };
    expect(await failure(claim())).toBe(lost);
    expect(names("student")).toBeUndefined();
  });

  test("stays if the host says that it did not make it: it is somebody else's", async () => {
    files.before = (command) => {
      if (!command.startsWith("mkdir")) return undefined;
      files.paths.set(`${ROOT}/student`, undefined);
      return { exitCode: 1, stderr: "File exists" };
    };
    expect((await failure(claim())).message).toContain("File exists");
    expect(names("student")).toEqual([]);
  });

  test("goes again if its flag cannot be written", async () => {
    files.before = (command) =>
      command.startsWith("cat >") ? { exitCode: 1, stderr: "No space left" } : undefined;
    expect((await failure(claim())).message).toContain("No space left");
    expect(names("student")).toBeUndefined();
    expect(warned).toEqual([]);
  });

  test("stays, empty as it was before, if its flag cannot be written or a later run clears away", async () => {
    files.put(`${ROOT}/mine`);
    const isFull = { exitCode: 1, stderr: "No space left" };
    files.before = (command) => (command.startsWith("cat >") ? isFull : undefined);
    expect((await failure(claim({ folder: "mine" }))).message).toContain("No space left");
    expect(names("mine")).toEqual([]);
    files.before = () => undefined;
    await claim({ folder: "mine" });
    expect(files.paths.get(`${ROOT}/mine/${FLAG}`)).toBe(`${session}\n3\nwas there`);
    const again = await claimFolder(lab.host, shell, { ...MACHINE, folder: "mine" }, options());
    await clearFolderAway(shell, again, MARK, options());
    expect(names("mine")).toEqual([]);
  });

  test("that cannot go again is told, and what went wrong first is the error", async () => {
    files.before = (command) => {
      if (command.startsWith("cat >")) return { exitCode: 1, stderr: "No space left" };
      if (command.startsWith("rm")) throw new Error("the shell is gone");
      return undefined;
    };
    expect((await failure(claim())).message).toContain("No space left");
    expect(warned).toEqual([
      "What was begun could not be removed, and the next run will do it: the shell is gone",
    ]);
  });
});

describe("what an interrupted run of the same resource left", () => {
  const made = (folder: string) => [
    `${folder}.vmx-draft`,
    `${folder}.nvram`,
    copyName(folder, 0),
    copyName(folder, 0).replace(".vmdk", "-flat.vmdk"),
    draftName(MARK, 1),
  ];

  test("goes, and the folder is used again", async () => {
    leave("student", `${DEAD}\n2`, ...made("student"));
    expect(await claim()).toBe("student");
    expect(names("student")).toEqual([FLAG]);
    expect(said).toEqual(["removing what an interrupted run left in [datastore1] student"]);
  });

  test.each([`${FLAG}-draft`, FLAG])(
    "is told by the file %s, also where a folder was asked for",
    async (flag) => {
      files.put(`${ROOT}/mine`, "mine.vmx-draft", flag);
      expect(await claim({ folder: "mine" })).toBe("mine");
      expect(names("mine")).toEqual([FLAG]);
    },
  );

  test("goes, and so may the folder meanwhile: it is made again", async () => {
    leave("student", `${DEAD}\n2`, ...made("student"));
    files.before = (command) => {
      const isLast = command.startsWith("test -d") && names("student")?.length === 0;
      if (isLast) files.paths.delete(`${ROOT}/student`);
      return undefined;
    };
    expect(await claim()).toBe("student");
    expect(names("student")).toEqual([FLAG]);
  });

  test("goes without what others have put beside it: their folder is not used", async () => {
    leave("student", `${DEAD}\n2`, ...made("student"), "notes.txt", copyName("student", 2));
    expect(await claim()).toBe("student_1");
    expect(names("student")).toEqual(["notes.txt", copyName("student", 2)]);
  });

  test("goes with the folder in which the host linked to a source's disks, which stays if a stranger's file is in it", async () => {
    const linking = linkingName(MARK);
    leave("student", `${DEAD}\n2`, ...made("student"));
    files.put(`${ROOT}/student/${linking}`, "linking.vmx");
    expect(await claim()).toBe("student");
    expect(names("student")).toEqual([FLAG]);
    expect(warned).toEqual([]);
    files.put(`${ROOT}/student/${linking}`, "linking.vmx", "notes.txt");
    expect(await claim()).toBe("student_1");
    expect(names("student")).toEqual([linking]);
    expect(names(`student/${linking}`)).toEqual(["notes.txt"]);
    expect(warned.join()).toMatch(
      /student\/pulumi-linking-\w+,.* stays: somebody has put notes\.txt into it/,
    );
  });

  test("stays if a machine needs it", async () => {
    leave("theirs", `${DEAD}\n1`, ...made("theirs"));
    const before = picture();
    expect((await failure(claim({ folder: "theirs" }))).message).toMatch(
      /"theirs" uses .*not possible to remove what an interrupted run left in it/,
    );
    expect(picture()).toBe(before);
  });

  test.each([
    ["this process", () => session],
    ["a process that is dead", () => DEAD],
    ["nobody that is known", () => ""],
  ])("goes at once if %s was at work", async (_, of) => {
    leave("student", `${of()}\n2`, ...made("student"));
    expect(await claim()).toBe("student");
  });

  describe("with a process that called the host a moment ago", () => {
    const otherSession = async (secondsAgo: number) => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      const other = await ownSession(lab.connect());
      vi.setSystemTime(Date.now() + 1000 * secondsAgo);
      return other;
    };

    test("stays: that process may be at work", async () => {
      leave("student", await otherSession(14.9), ...made("student"));
      const before = picture();
      expect((await failure(claim())).message).toContain(
        'another run of Pulumi is creating "student" right now',
      );
      expect(picture()).toBe(before);
    });

    test("goes when that was fifteen seconds ago", async () => {
      leave("student", `${await otherSession(15)}\n2`, ...made("student"));
      expect(await claim()).toBe("student");
    });

    test("is not waited for when the run is to end", async () => {
      leave("student", await otherSession(0), ...made("student"));
      const stop = new AbortController();
      files.before = (command) => {
        if (command.startsWith("cat")) setImmediate(() => stop.abort());
        return undefined;
      };
      expect((await failure(claim({}, stop.signal))).name).toBe("AbortError");
      expect(files.changes).toEqual([]);
    });
  });
});

describe("of what a run has made", () => {
  const folder = { datastore: "datastore1", path: "student", wasThere: false };
  const at = (name: string) => `${ROOT}/student/${name}`;
  const { signal } = new AbortController();
  const remove = (keep?: ReadonlySet<string>) => removeMade(shell, folder, MARK, signal, keep);
  const [disk, draft] = [copyName("student", 0), draftName(MARK, 1)];

  test("files of its OVA go as files, and none whose name is only like theirs", async () => {
    const ours = [
      "pulumi-uploading-0.vmdk",
      "pulumi-uploading-120.vmdk",
      "_deviceImage0.iso",
      "_deviceImage120.iso",
    ];
    const theirs = [
      "my-pulumi-uploading-0.vmdk",
      "pulumi-uploading-0.vmdk.old",
      "pulumi-uploading-a.vmdk",
      "my_deviceImage0.iso",
      "_deviceImage0.iso.old",
      "_deviceImagea.iso",
    ];
    expect([uploadName(120), imageName(0)]).toEqual([ours[1], ours[2]]);
    leave("student", `${DEAD}\n1`, ...ours, ...theirs);
    await remove();
    expect(names("student")?.sort()).toEqual([...theirs].sort());
    expect(files.changes.filter((change) => change.startsWith("vmkfstools"))).toEqual([]);
  });

  test("disks go by the tool for disks, then the rest, and the flag last of all", async () => {
    leave("student", `${DEAD}\n2`, "student.vmx", disk, disk.replace(".vmdk", "-flat.vmdk"), draft);
    await remove();
    expect(files.changes).toEqual([
      `vmkfstools -U ${at(disk)}`,
      `vmkfstools -U ${at(draft)}`,
      `rm -f ${at("student.vmx")}`,
      `rm -f ${at(FLAG)}`,
    ]);
    expect(names("student")).toEqual([]);
  });

  test("what is no whole disk goes file by file", async () => {
    leave("student", `${DEAD}\n2`, disk, draft);
    files.before = (command) =>
      command.startsWith("vmkfstools") ? { exitCode: 255, stderr: "Not a virtual disk (15)." } : undefined;
    await remove();
    expect(names("student")).toEqual([]);
  });

  test("what is to be kept stays, and what comes meanwhile is not taken for ours", async () => {
    leave("student", `${DEAD}\n2`, "student.vmx", disk);
    files.before = (command) => {
      if (command.startsWith("vmkfstools")) files.put(`${ROOT}/student`, copyName("student", 1), draft);
      return undefined;
    };
    await remove(new Set(["student.vmx"]));
    expect(names("student")).toEqual(["student.vmx", copyName("student", 1)]);
  });

  test("nothing that an earlier release could have found goes, unless a draft proves that it copied", async () => {
    leave("student", DEAD, "student.vmx-draft", "copying-1.vmdk", disk, copyName("student", 1), draft);
    await remove();
    expect(names("student")).toEqual([copyName("student", 1), draft]);
  });

  test("nothing of others goes where the flag is gone already", async () => {
    files.put(`${ROOT}/student`, disk, copyName("student", 1));
    await remove();
    expect(names("student")).toEqual([disk, copyName("student", 1)]);
  });

  test("nothing is there to go if the folder is gone", async () => {
    await remove();
    expect(files.changes).toEqual([]);
  });

  describe("a disk that is in use", () => {
    const LOCKED = {
      exitCode: 255,
      stderr: "Failed to delete virtual disk: Failed to lock the file (16392).",
    };

    test.each([
      [19, undefined],
      [20, "Failed to lock the file"],
    ])("is tried again every three seconds, twenty times at most: %i times", async (locked, message) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "Date"] });
      leave("student", `${DEAD}\n1`, disk);
      const tries: number[] = [];
      files.before = (command) => {
        if (!command.startsWith("vmkfstools")) return undefined;
        tries.push(Date.now());
        return tries.length <= locked ? LOCKED : undefined;
      };
      const removing = remove().then(
        () => undefined,
        (error: Error) => error.message,
      );
      await vi.runAllTimersAsync();
      const said = await removing;
      expect(tries.map((at) => at - (tries[0] ?? 0))).toEqual(tries.map((_, pauses) => 3000 * pauses));
      expect(tries).toHaveLength(20);
      if (message === undefined) expect(said).toBeUndefined();
      else expect(said).toContain(message);
      expect(names("student")).toEqual(message === undefined ? [] : [disk, FLAG]);
    });

    test("is not waited for when the run is to end", async () => {
      leave("student", `${DEAD}\n1`, disk);
      const stop = new AbortController();
      files.before = (command) => {
        if (!command.startsWith("vmkfstools")) return undefined;
        setImmediate(() => stop.abort());
        return LOCKED;
      };
      expect((await failure(removeMade(shell, folder, MARK, stop.signal))).name).toBe("AbortError");
      expect(names("student")).toEqual([disk, FLAG]);
    });

    test("is not known if the connection breaks", async () => {
      leave("student", `${DEAD}\n1`, disk);
      const lost = new SshLostError("the connection was lost");
      files.before = (command) => {
        if (command.startsWith("vmkfstools")) throw lost;
        return undefined;
      };
      expect(await failure(remove())).toBe(lost);
      expect(names("student")).toEqual([disk, FLAG]);
    });
  });

  test("all goes with its folder, unless others have something in it", async () => {
    leave("student", `${DEAD}\n1`, disk);
    await clearFolderAway(shell, folder, MARK, options());
    expect(names("student")).toBeUndefined();
    leave("student", `${DEAD}\n1`, disk, "notes.txt");
    await clearFolderAway(shell, folder, MARK, options());
    expect(names("student")).toEqual(["notes.txt"]);
    expect(warned).toEqual([]);
  });

  test("all goes also when the run is to end, in the time that is left", async () => {
    leave("student", `${DEAD}\n1`, disk);
    await clearFolderAway(shell, folder, MARK, options(AbortSignal.abort()));
    expect(names("student")).toBeUndefined();
  });
});
