import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { HostError, TakenError } from "../../../../provider/host/host-error.ts";
import { confirmed, PATIENCE } from "../../../../provider/host/shell/confirmed.ts";
import { CommandError } from "../../../../provider/ssh/commands/command-error.ts";
import { VimCmdError } from "../../../../provider/ssh/commands/vim-cmd-error.ts";
import { SshError } from "../../../../provider/ssh/ssh-error.ts";
import { SshLostError } from "../../../../provider/ssh/ssh-lost-error.ts";

const usual = { ...PATIENCE };
const host = { name: "esxi1" } as EsxiHost;

let done: boolean;
let runs: number;

beforeEach(() => {
  Object.assign(PATIENCE, { afterSuccessMs: 0, afterFailureMs: 0 });
  done = false;
  runs = 0;
});

afterEach(() => {
  vi.useRealTimers();
  Object.assign(PATIENCE, usual);
});

/** Runs commands one after the other, each of which says whether it does its work, and how it ends. */
function change(...commands: readonly { readonly works: boolean; readonly ends?: Error }[]) {
  return confirmed(host, changeBy(commands));
}

function changeBy(commands: readonly { readonly works: boolean; readonly ends?: Error }[]) {
  return {
    what: 'add the port group "lab"',
    write: async () => {
      const command = commands[runs++];
      done ||= command?.works === true;
      if (command?.ends) throw command.ends;
    },
    look: async () => (done ? "lab" : undefined),
    signal: new AbortController().signal,
  };
}

const refused = (stdout: string) =>
  new CommandError(`esxi1: \`esxcli\` ended with status 1: ${stdout}`, { exitCode: 1, stdout, stderr: "" });
const killedBySignal = new CommandError("esxi1: `esxcli` ended by a signal", {
  exitCode: undefined,
  stdout: "",
  stderr: "",
});
const lost = new SshLostError("esxi1: the SSH connection was lost before the command ended.");

test("what the host shows is taken, whatever the command said", async () => {
  expect(await change({ works: true })).toBe("lab");
  expect(await change({ works: true, ends: refused("Error: Already exists") })).toBe("lab");
  expect(await change({ works: true, ends: lost })).toBe("lab");
});

test("a refusal carries the command's own words, and is not tried again", async () => {
  const error = await change({ works: false, ends: refused("Error: no such vSwitch") }).catch((e) => e);
  expect(error).toBeInstanceOf(HostError);
  expect(error.message).toBe(
    'esxi1: could not add the port group "lab": esxi1: `esxcli` ended with status 1: Error: no such vSwitch',
  );
  expect(error.cause).toBeInstanceOf(CommandError);
  expect(runs).toBe(1);
});

describe("what a command makes under a name that was free", () => {
  const make = (...commands: Parameters<typeof changeBy>[0]) =>
    confirmed(host, { ...changeBy(commands), makes: true });
  const taken = refused("Error: The specified key, name, or identifier already exists.");
  const shownByNow = { works: true, ends: taken };

  test.each([
    ["as esxcli says", taken],
    ["as esxcli says on its other channel", Object.assign(refused(""), { stderr: "lab Already Exists" })],
    [
      "as vim-cmd says",
      new VimCmdError("esxi1: the name lab already exists (DuplicateName)", "DuplicateName"),
    ],
  ])("is somebody else's if the name is taken, %s", async (_, ends) => {
    const error = await make({ works: true, ends }).catch((e) => e);
    expect(error).toBeInstanceOf(TakenError);
    expect(error.message).toBe(`esxi1: could not add the port group "lab": ${ends.message}`);
    expect(error.cause).toBe(ends);
    expect(runs).toBe(1);
  });

  test("is its own if the command was run before, and nobody knew what became of it", async () => {
    expect(await make({ works: false, ends: lost }, shownByNow)).toBe("lab");
  });

  test("is its own if the command failed for another reason, or its end is not known", async () => {
    expect(await make({ works: true, ends: refused("Error: out of memory") })).toBe("lab");
    runs = 0;
    expect(await make({ works: true, ends: new SshLostError("lost: already exists") })).toBe("lab");
  });
});

test.each([
  ["a fault that vim-cmd names", new VimCmdError("esxi1: exists (DuplicateName)", "DuplicateName")],
  ["a fault whose name says enough", new VimCmdError("esxi1: Killed (InvalidState)", "InvalidState")],
  ["a login that was refused", refused("Failed to login: Incorrect user name or password")],
  ["a login of vim-cmd that was refused", new VimCmdError("esxi1: x: Failed to login: locked", undefined)],
  ["words of vim-cmd", new VimCmdError("esxi1: no such pool", undefined)],
  ["a name that only looks like one of a command that was killed", refused("Error: xAborted")],
])("%s: that is a refusal", async (_, ends) => {
  await expect(change({ works: false, ends })).rejects.toThrow(HostError);
  expect(runs).toBe(1);
});

test.each([
  ["killed by a signal", killedBySignal],
  ["out of memory", refused("terminate called after throwing an instance of 'std::bad_alloc'")],
  ["aborted", refused("Aborted (core dumped)")],
  ["killed", new CommandError("esxi1: x", { exitCode: 137, stdout: "", stderr: "Killed" })],
  ["not let in", refused("Failed to login: Connection reset by peer")],
  ["vim-cmd not let in", new VimCmdError("esxi1: x: Failed to login: SSL Exception: timed out", undefined)],
  ["not reached", refused("Connect to localhost failed: Connection failure")],
  ["vim-cmd out of memory", new VimCmdError("esxi1: std::bad_alloc", undefined)],
  ["no command at all", new SshError("esxi1: no channel")],
])("%s: that is no refusal, and is tried again", async (_, ends) => {
  expect(await change({ works: false, ends }, { works: true })).toBe("lab");
  expect(runs).toBe(2);
  const end = { works: false, ends };
  runs = 0;
  done = false;
  await expect(change(end, end, end, end)).rejects.toBe(ends);
  expect(runs).toBe(4);
});

test("a command that a busy host did not let in, killed or lost is run again, after a look", async () => {
  const away = refused("Connect to localhost failed: Connection failure");
  expect(
    await change(
      { works: false, ends: lost },
      { works: false, ends: away },
      { works: false, ends: killedBySignal },
      { works: true },
    ),
  ).toBe("lab");
  expect(runs).toBe(4);
});

test("a command that was lost and has done its work is not run twice", async () => {
  await change({ works: true, ends: lost }, { works: true });
  expect(runs).toBe(1);
});

test("one that is always lost ends in what happened last, which is no refusal", async () => {
  const end = { works: false, ends: lost };
  await expect(change(end, end, end, end, end)).rejects.toBe(lost);
  expect(runs).toBe(4);
});

test("a command that ends well and changes nothing is an error, which nobody takes for a refusal", async () => {
  const error = await change({ works: false }).catch((e) => e);
  expect(error).not.toBeInstanceOf(HostError);
  expect(error.message).toMatch(
    /the command to add the port group "lab" ended well, but the host does not show/,
  );
});

test("what fails on the way that is no command is told as it is", async () => {
  const wrong = new TypeError("wrong");
  await expect(change({ works: false, ends: wrong })).rejects.toBe(wrong);
});

describe("how long the host is asked", () => {
  /** At which milliseconds the API is asked that never shows the change; ends when the change does. */
  async function looks(
    ends: Error | undefined,
  ): Promise<{ readonly times: number[]; readonly error: Error }> {
    Object.assign(PATIENCE, usual);
    vi.useFakeTimers();
    const [began, times] = [performance.now(), [] as number[]];
    const ended = confirmed(host, {
      what: "do it",
      write: async () => {
        if (ends) throw ends;
      },
      look: async () => void times.push(performance.now() - began),
      signal: new AbortController().signal,
    }).catch((error: Error) => error);
    await vi.runAllTimersAsync();
    const error = await ended;
    if (!(error instanceof Error)) throw new Error("It was taken for done.");
    return { times, error };
  }

  test("half a minute after a command that ended well, soon at first, then once a second", async () => {
    const { times, error } = await looks(undefined);
    expect(times.slice(0, 8)).toEqual([0, 50, 150, 350, 750, 1550, 2550, 3550]);
    expect(times.at(-1)).toBe(30_550);
    expect(error.message).toContain("after 30 s");
  });

  test("two seconds after one that failed", async () => {
    const { times, error } = await looks(refused("no"));
    expect(times).toEqual([0, 50, 150, 350, 750, 1550, 2550]);
    expect(error).toBeInstanceOf(HostError);
  });

  test("a change that shows late is taken", async () => {
    Object.assign(PATIENCE, { afterSuccessMs: 10_000 });
    vi.useFakeTimers();
    const shown = [undefined, undefined, "lab"];
    const ended = confirmed(host, {
      what: "do it",
      write: async () => {},
      look: async () => shown.shift(),
      signal: new AbortController().signal,
    });
    await vi.runAllTimersAsync();
    expect(await ended).toBe("lab");
    expect(shown).toEqual([]);
  });
});

describe("a look that fails", () => {
  const broken = new Error("no answer");
  const away = new HostError("esxi1 is gone");

  /** What becomes of a command that fails, or not, by what each look finds. */
  async function outcome(ends: Error | undefined, ...found: readonly (string | undefined | Error)[]) {
    vi.useFakeTimers();
    let asked = 0;
    const ended = confirmed(host, {
      what: "do it",
      write: async () => {
        if (ends) throw ends;
      },
      look: async () => {
        const answer = found[asked++];
        if (answer instanceof Error) throw answer;
        return answer;
      },
      signal: new AbortController().signal,
    }).catch((error: Error) => error);
    await vi.runAllTimersAsync();
    return [await ended, asked];
  }

  test("once tells nothing: the host is asked again", async () => {
    expect(await outcome(undefined, broken, "lab")).toEqual(["lab", 2]);
    expect(await outcome(refused("no"), broken, undefined)).toEqual([expect.any(HostError), 2]);
  });

  test("at the end is told, and the command is not run again", async () => {
    expect(await outcome(lost, broken, broken, "lab")).toEqual([broken, 2]);
  });

  test("once, when there was time for others, is told if it was the last", async () => {
    Object.assign(PATIENCE, { afterSuccessMs: 100 });
    expect(await outcome(undefined, undefined, undefined, broken, "lab")).toEqual([broken, 3]);
    expect(await outcome(undefined, broken, broken, undefined, "lab")).toEqual([expect.any(SshError), 3]);
  });

  test("with an error of ours is told at once", async () => {
    expect(await outcome(undefined, away, "lab")).toEqual([away, 1]);
  });

  test("is not asked for once more where there is no time", async () => {
    expect(await outcome(refused("no"), undefined, "lab")).toEqual([expect.any(HostError), 1]);
  });
});

describe("a run that is to end", () => {
  const reason = new Error("^C");

  test("runs no command any more", async () => {
    const write = vi.fn(async () => {});
    const look = async () => "lab";
    await expect(
      confirmed(host, { what: "do it", write, look, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    expect(write).not.toHaveBeenCalled();
  });

  test("waits a moment for what was begun, and runs it no second time", async () => {
    const stop = new AbortController();
    const ended = confirmed(host, {
      what: "do it",
      write: async (limit) => {
        runs++;
        stop.abort(reason);
        expect(limit.aborted).toBe(false);
        throw lost;
      },
      look: async () => undefined,
      signal: stop.signal,
    });
    await expect(ended).rejects.toBe(reason);
    expect(runs).toBe(1);
  });

  test.each([
    ["was made, although the command failed", lost],
    ["was made", undefined],
  ])("tells of a change that %s", async (_, ends) => {
    const stop = new AbortController();
    const ended = confirmed(host, {
      what: "do it",
      write: async () => {
        stop.abort(reason);
        if (ends) throw ends;
      },
      look: async () => "lab",
      signal: stop.signal,
    });
    expect(await ended).toBe("lab");
  });

  test("tells its reason and not what the host has refused meanwhile", async () => {
    const stop = new AbortController();
    const ended = confirmed(host, {
      what: "do it",
      write: async () => {
        stop.abort(reason);
        throw refused("no");
      },
      look: async () => undefined,
      signal: stop.signal,
    });
    await expect(ended).rejects.toBe(reason);
  });

  test("does not ask a host that has not answered for that moment", async () => {
    vi.useFakeTimers();
    const stop = new AbortController();
    const look = vi.fn(async () => "lab");
    const ended = confirmed(host, {
      what: "do it",
      write: async (limit) => {
        stop.abort(reason);
        await vi.advanceTimersByTimeAsync(10_000);
        expect(limit.aborted).toBe(true);
        throw lost;
      },
      look,
      signal: stop.signal,
    }).catch((error: unknown) => error);
    expect(await ended).toBe(reason);
    expect(look).not.toHaveBeenCalled();
  });

  test("is told its reason, not that a look was broken off", async () => {
    vi.useFakeTimers();
    const stop = new AbortController();
    const ended = confirmed(host, {
      what: "do it",
      write: async () => stop.abort(reason),
      look: async () => {
        await vi.advanceTimersByTimeAsync(10_000);
        throw new HostError("broken off");
      },
      signal: stop.signal,
    }).catch((error: unknown) => error);
    expect(await ended).toBe(reason);
  });
});
