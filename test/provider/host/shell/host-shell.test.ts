/** The shell of one host: opened once for all, given back as it was found, and with connections of their own for bytes. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { HostError } from "../../../../provider/host/host-error.ts";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { failure, Lab } from "../../resources/lab.ts";

const CTRL_C = new Error("^C");
const { signal } = new AbortController();

let lab: Lab;
let host: EsxiHost;

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0", running: false } });
  host = lab.connect();
});

afterEach(() => lab.close());

const services = () =>
  lab.raw.simulator.requests.entries().flatMap(({ method }) => (/Service$/.test(method) ? [method] : []));
const connections = () => lab.raw.simulator.ssh?.connections();
const list = async () => (await shellOf(host).open()).list("/vmfs/volumes/datastore1", signal);

test("its service is started once for all who open it at once, and stopped when the host is closed", async () => {
  const [one, other] = await Promise.all([shellOf(host).open(), shellOf(host).open()]);
  expect(one).toBe(other);
  expect(await list()).toEqual([]);
  expect(services()).toEqual(["StartService"]);
  await host.close();
  expect(services()).toEqual(["StartService", "StopService"]);
});

test("its service is stopped also if the first answer to that is lost", async () => {
  await list();
  lab.raw.simulator.faults.add({ method: "StopService", count: 1, action: { fault: "SystemError" } });
  await host.close();
  expect(services()).toEqual(["StartService", "StopService", "StopService"]);
});

test("its service is stopped although the host is closed while it is being opened", async () => {
  let closed: Promise<void> | undefined;
  lab.raw.simulator.faults.add({
    method: "StartService",
    action: "continue",
    onWork: (moment) => {
      if (moment === "after") closed = host.close();
    },
  });
  await shellOf(host)
    .open()
    .catch(() => {});
  await closed;
  expect(services()).toEqual(["StartService", "StopService"]);
});

test("one that could not be opened leaves its service as it was, and is opened anew by the next", async () => {
  lab.raw.simulator.faults.add({
    method: "StartService",
    count: 1,
    action: { fault: "SystemError", message: "not now" },
  });
  expect((await failure(list())).message).toContain("not now");
  expect(services()).toEqual(["StartService"]);
  expect(await list()).toEqual([]);
  await host.close();
  expect(services()).toEqual(["StartService", "StartService", "StopService"]);
});

test("nothing is started for a host of which nobody knows how to log in", async () => {
  host = lab.connect({ ssh: undefined });
  for (const opened of [shellOf(host).open(), shellOf(host).transfer(async () => {}, signal)]) {
    const error = await failure(opened);
    expect(error).toBeInstanceOf(HostError);
    expect(error.message).toMatch(/nothing says how to log in over SSH/);
  }
  expect(services()).toEqual([]);
});

test("bytes go over two further connections at most, each is used again, and all are closed", async () => {
  const ends: (() => void)[] = [];
  let most = 0;
  let now = 0;
  const transfer = (at = signal) =>
    shellOf(host).transfer(async (shell) => {
      most = Math.max(most, ++now);
      expect(await shell.list("/vmfs/volumes/datastore1", signal)).toEqual([]);
      await new Promise<void>((resolve) => void ends.push(resolve));
      now--;
    }, at);
  const runs = [transfer(), transfer(), transfer()];
  await expect.poll(() => ends.length).toBe(2);
  const stop = new AbortController();
  const stopped = transfer(stop.signal);
  stop.abort(CTRL_C);
  expect(await failure(stopped)).toBe(CTRL_C);
  for (let ended = 0; ended < 3; ended++) {
    await expect.poll(() => ends.length).toBeGreaterThan(0);
    ends.shift()?.();
  }
  await Promise.all(runs);
  expect([most, connections()]).toEqual([2, 3]);
  const reason = new Error("no such file");
  const failing = async () => {
    throw reason;
  };
  for (let tries = 0; tries < 3; tries++)
    expect(await failure(shellOf(host).transfer(failing, signal))).toBe(reason);
  expect(connections()).toBe(3);
  await host.close();
  expect(services().at(-1)).toBe("StopService");
});
