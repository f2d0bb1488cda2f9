import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { failed, openLab } from "../support/lab.ts";
import { buildOva } from "../support/ova-builder.ts";
import type { PulumiResult } from "../support/pulumi-run.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";

const LIMIT = { timeout: 120_000 };
const SMALL = { name: "small", capacityBytes: 256 * 1024 };
const LARGE = { name: "datastore1", capacityBytes: 10 * 1024 ** 3 };

const errorOf = ({ diagnostics }: PulumiResult, name: string) =>
  diagnostics
    .filter((one) => one.name === name && one.severity === "error")
    .map(({ message }) => message)
    .join("\n");

test(
  "what only the host knows fails resource by resource, and leaves only what succeeded",
  LIMIT,
  async (context) => {
    const { host, project } = await openLab(context, { simulator: { datastores: [LARGE, SMALL] } });
    const tampered = await project.write(
      "tampered.ova",
      buildOva({
        tamper: (entries) => {
          const disk = Buffer.from(entries.get("tiny-disk1.vmdk") ?? "");
          disk[disk.length - 2000] = (disk[disk.length - 2000] ?? 0) ^ 1;
          entries.set("tiny-disk1.vmdk", disk);
        },
      }).ova,
    );
    const vm = { ovaPath: tinyOva.path, datastore: "datastore1" };
    await project.declare({
      datastore: { ...vm, datastore: "datastroe1" },
      network: { ...vm, ovfNetworkMap: { "VM Network": "lab-ent" } },
      full: { ...vm, ovaPath: await project.write("large.ova", buildOva().ova), datastore: "small" },
      bytes: { ...vm, ovaPath: tampered },
      unplaced: { ovaPath: tinyOva.path },
      fine: vm,
    });
    const result = failed(await project.start("up", { args: ["--continue-on-error"] }).result);
    expect(result.steps).toMatchObject({ create: ["fine"] });
    for (const [name, words] of Object.entries({
      datastore: ["datastroe1", "datastore1", "`datastore`", "Nothing was created"],
      network: ["lab-ent", "lab-net", "`ovfNetworkMap`", "Nothing was created"],
      full: ["small", "space"],
      bytes: ["tiny-disk1.vmdk is damaged", "SHA256"],
      unplaced: ["datastore1, small", "`datastore`"],
    })) {
      for (const word of words) expect(errorOf(result, name)).toContain(word);
      expect(errorOf(result, name)).not.toMatch(/\n\s+at /);
    }
    expect(result.seconds).toBeLessThan(45);
    expect([...(await project.vmsInState()).keys()]).toEqual(["fine"]);
    expect(host.simulator.vms().map(({ name }) => name)).toEqual(["fine"]);
    await host.expectVms("fine: poweredOn");
  },
);

const five = [1, 2, 3, 4, 5].map((n) => `vm-${n}`);

test("hosts that cannot be used fail each for itself, and nothing is made on any", LIMIT, async (context) => {
  const { host, project } = await openLab(context);
  const other = await SimulatedHost.start();
  context.onTestFinished(() => other.stop());
  const silent = await listen(context);
  const { url, username, thumbprint } = host;
  await project.setConfig({
    "esxi:hosts": JSON.stringify({
      changed: { host: url, username, thumbprint },
      replaced: { host: other.url, username, thumbprint: Array.from({ length: 32 }, () => "AB").join(":") },
      silent: { host: `https://127.0.0.1:${silent}`, username, thumbprint },
    }),
  });
  const on = (name: string) => ({ ovaPath: tinyOva.path, host: name });
  await project.declare({
    ...Object.fromEntries(five.map((name) => [name, on("changed")])),
    replaced: on("replaced"),
    silent: on("silent"),
  });
  const env = {
    ESXI_CHANGED_PASSWORD: "not-It/99",
    ESXI_REPLACED_PASSWORD: other.password,
    ESXI_SILENT_PASSWORD: host.password,
  };
  const result = failed(await project.start("up", { args: ["--continue-on-error"], env }).result);

  // A wrong password is tried once for all resources of a run.
  expect(host.count("Login")).toBe(1);
  for (const name of five) expect(errorOf(result, name)).toMatch(/password|as for vm-\d/i);
  expect(five.filter((name) => /password/i.test(errorOf(result, name)))).not.toEqual([]);
  expect(result.output).not.toContain("not-It/99");

  // A host with another certificate gets not one request.
  expect(errorOf(result, "replaced")).toContain(other.thumbprint);
  expect(other.count()).toBe(0);

  // A host that accepts connections and never answers is given up in seconds.
  expect(errorOf(result, "silent")).toContain(`127.0.0.1:${silent}`);
  expect(errorOf(result, "silent")).toMatch(/did not answer|no answer|time/i);
  expect(result.seconds).toBeLessThan(60);

  expect([...(await project.vmsInState()).keys()]).toEqual([]);
  await host.expectEmpty();
  await other.expectEmpty();
});

test(
  "a password in the configuration that is no secret is refused, with the command that makes it one",
  LIMIT,
  async (context) => {
    const { host, project } = await openLab(context);
    await project.setConfig({ "esxi:password": host.password });
    await project.declare(Object.fromEntries(five.map((name) => [name, { ovaPath: tinyOva.path }])));
    const { output } = failed(await project.up());
    expect(output).toContain("pulumi config set --secret esxi:password");
    expect(output).not.toContain(host.password);
    expect(host.count()).toBe(0);
  },
);

/** A port behind which somebody listens and says nothing. */
async function listen(context: { onTestFinished(close: () => Promise<void>): void }): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return (server.address() as AddressInfo).port;
}
