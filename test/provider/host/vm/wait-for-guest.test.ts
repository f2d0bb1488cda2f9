/** Against vcsim, whose guests report whatever address they are told to. */
import { createServer } from "node:net";
import { afterEach, expect, type TestContext, test } from "vitest";
import { specOf } from "../../../../provider/host/vm/settings/wishes.ts";
import { reconfigureVm } from "../../../../provider/host/vm/vm-operations.ts";
import { waitForGuest } from "../../../../provider/host/vm/wait-for-guest.ts";
import { connectTo } from "../../../support/esxi-host.ts";
import { need } from "../../../support/prerequisites.ts";
import { startVcsim } from "../../../support/vcsim.ts";

/** This machine, by an address that is no loopback address to whoever reads it. */
const HERE = "::ffff:127.0.0.1";
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A VM whose guest reports that address. */
async function guestAt(context: TestContext, address: string) {
  const vcsim = await startVcsim({
    program: await need(context, "TEST_VCSIM"),
    password: "secret",
    vms: 1,
  });
  cleanUps.push(vcsim.stop);
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  cleanUps.push(() => host.close());
  const [vm] = (await host.vms.inventory()).vms;
  if (vm === undefined) throw new Error("vcsim has no VM.");
  await reconfigureVm(
    host,
    vm,
    (now) => specOf(now, { extraConfig: { "SET.guest.ipAddress": address } }),
    new AbortController().signal,
  );
  return { host, vm };
}

/** A port of this machine that answers. */
async function openPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: address.port, close };
}

const { signal } = new AbortController();

test("a port that answers ends the wait", async (context) => {
  const { host, vm } = await guestAt(context, HERE);
  const { port, close } = await openPort();
  cleanUps.push(close);
  const said: string[] = [];
  await waitForGuest(host, vm, { tcpPort: port }, { signal, onStatus: (text) => said.push(text) });
  expect(said).toEqual(["waiting for an address", `waiting for an answer at ${HERE}:${port}`]);
});

test("a port that is closed is named when the time is over", async (context) => {
  const { host, vm } = await guestAt(context, HERE);
  const { port, close } = await openPort();
  await close();
  const waiting = waitForGuest(
    host,
    vm,
    { tcpPort: port, timeoutSeconds: 1 },
    { signal, onStatus: () => {} },
  );
  await expect(waiting).rejects.toThrow(
    `vcsim: "${vm.name}" runs, but did not have an answer at ${HERE}:${port} within 1 s (waitFor).`,
  );
});

test("a port that opens later ends the wait then", async (context) => {
  const { host, vm } = await guestAt(context, HERE);
  const { port, close } = await openPort();
  await close();
  const server = createServer((socket) => socket.end());
  cleanUps.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const tries: string[] = [];
  const waiting = waitForGuest(
    host,
    vm,
    { tcpPort: port, timeoutSeconds: 30 },
    { signal, onStatus: (text) => tries.push(text) },
  );
  await expect.poll(() => tries.at(-1)).toContain("waiting for an answer");
  server.listen(port, "127.0.0.1");
  await waiting;
});

test("a link-local address is none to wait for", async (context) => {
  const { host, vm } = await guestAt(context, "169.254.1.2");
  const waiting = waitForGuest(host, vm, { ip: true, timeoutSeconds: 1 }, { signal, onStatus: () => {} });
  await expect(waiting).rejects.toThrow("did not have an address within 1 s");
});

test("whoever stops the wait gets to see his own reason", async (context) => {
  const { host, vm } = await guestAt(context, "169.254.1.2");
  const stop = new AbortController();
  const waiting = waitForGuest(host, vm, { ip: true }, { signal: stop.signal, onStatus: () => {} });
  stop.abort(new Error("told to stop"));
  await expect(waiting).rejects.toThrow("told to stop");
});
