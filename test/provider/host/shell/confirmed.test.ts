import { afterEach, beforeEach, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { HostError } from "../../../../provider/host/host-error.ts";
import { confirmed, PATIENCE } from "../../../../provider/host/shell/confirmed.ts";
import { CommandError } from "../../../../provider/ssh/commands/command-error.ts";
import { VimCmdError } from "../../../../provider/ssh/commands/vim-cmd-error.ts";
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
  Object.assign(PATIENCE, usual);
});

/** Runs commands one after the other, each of which says whether it does its work, and how it ends. */
function change(...commands: readonly { readonly works: boolean; readonly ends?: Error }[]) {
  return confirmed(host, {
    what: 'add the port group "lab"',
    write: async () => {
      const command = commands[runs++];
      done ||= command?.works === true;
      if (command?.ends) throw command.ends;
    },
    look: async () => (done ? "lab" : undefined),
    signal: new AbortController().signal,
  });
}

const refused = (stdout: string, exitCode: number | undefined = 1) =>
  new CommandError(`esxi1: \`esxcli\` ended with status ${exitCode}: ${stdout}`, {
    exitCode,
    stdout,
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
  expect(runs).toBe(1);
});

test("a fault that vim-cmd prints is a refusal", async () => {
  const fault = new VimCmdError(
    "esxi1: vim-cmd hostsvc/rsrc/create: exists (DuplicateName)",
    "DuplicateName",
  );
  await expect(change({ works: false, ends: fault })).rejects.toThrow(HostError);
});

test("a command that a busy host did not let in, killed or lost is run again, after a look", async () => {
  const killed = refused("Killed", undefined);
  const away = refused("Connect to localhost failed: Connection failure");
  expect(
    await change(
      { works: false, ends: lost },
      { works: false, ends: away },
      { works: false, ends: killed },
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
