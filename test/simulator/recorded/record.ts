/**
 * Writes govc.jsonl and pyvmomi.jsonl anew: what both clients send to the simulator, each kind of request once.
 * `node test/simulator/recorded/record.ts`, after a new version of a client.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PrerequisiteName, prerequisites } from "../../../tools/prerequisites/index.ts";
import { RECORDED, SimulatedHost } from "../../support/simulated-host.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { Govc } from "../clients/govc.ts";
import { PyVmomi } from "../clients/pyvmomi.ts";
import { type Recorded, recordingOf } from "./recorded.ts";

async function useGovc(host: SimulatedHost, program: string): Promise<void> {
  const govc = await Govc.open(program, host, host.password);
  const folder = await temporaryFolder();
  const file = await folder.write("file", "content\n");
  const options = await folder.write(
    "options.json",
    JSON.stringify({
      Name: "beta",
      DiskProvisioning: "thin",
      NetworkMapping: [{ Name: "VM Network", Network: "lab-net" }],
      PropertyMapping: [{ Key: "hostname", Value: "beta" }],
    }),
  );
  try {
    for (const command of [
      ["about"],
      ["ls"],
      ["ls", "/..."],
      ["find", "-type", "m"],
      ["datastore.info"],
      ["host.info"],
      ["pool.info", "*"],
      ["license.ls"],
      ["session.ls"],
      ["import.ova", "-name", "alpha", tinyOva.path],
      ["vm.power", "-on", "alpha"],
      ["vm.ip", "-wait", "20s", "alpha"],
      ["vm.info", "-e", "-r", "alpha"],
      ["vm.info", "-json", "alpha"],
      ["vm.power", "-off", "alpha"],
      ["vm.change", "-vm", "alpha", "-m", "256", "-c", "2", "-annotation", "a & b", "-e", "guestinfo.a=b"],
      ["vm.disk.create", "-vm", "alpha", "-name", "alpha/data", "-size", "20M"],
      ["vm.create", "-on=false", "-net", "VM Network", "-disk", "4MB", "-m", "64", "gamma"],
      ["device.ls", "-vm", "alpha"],
      ["device.info", "-vm", "alpha", "disk-*"],
      ["object.collect", "-s", "vm/alpha", "runtime.powerState"],
      ["object.rename", "vm/alpha", "omega"],
      ["vm.unregister", "gamma"],
      ["vm.register", "-name", "gamma", "gamma/gamma.vmx"],
      ["tasks"],
      ["import.ova", "-options", options, tinyOva.path],
      ["datastore.mkdir", "-p", "a/b"],
      ["datastore.upload", file, "a/b/file"],
      ["datastore.cp", "a/b/file", "a/copy"],
      ["datastore.mv", "a/copy", "a/moved"],
      ["datastore.ls", "-l", "-R"],
      ["datastore.rm", "a"],
      ["vm.clone", "-vm", "omega", "-on=false", "copy"],
      ["vm.destroy", "*"],
    ]) {
      const { code, stderr } = await govc.try(...command);
      if (code !== 0) process.stderr.write(`govc ${command.join(" ")}: ${stderr.trim()}\n`);
    }
  } finally {
    await govc.close();
    await folder.remove();
  }
}

async function usePyVmomi(host: SimulatedHost, python: string): Promise<void> {
  const client = new PyVmomi(python);
  const { hostname, port } = new URL(host.url);
  const vm = "alpha";
  try {
    await client.do("connect", {
      host: hostname,
      port: Number(port),
      user: host.username,
      password: host.password,
    });
    await client.do("about");
    await client.do("inventory");
    const place = { datastore: "datastore1", network: "lab-net" };
    await client.do("import_ova", { ova: tinyOva.path, name: vm, ...place });
    await client.do("power_on", { vm });
    await client.do("read", { vm });
    await client.do("power_off", { vm });
    await client.do("reconfigure", { vm, memory_mb: 256, num_cpus: 2, extra_config: { "guestinfo.a": "b" } });
    await client.do("clone", { vm, name: "copy" }).catch(() => undefined);
    await client.do("destroy", { vm });
    await client.do("disconnect");
  } finally {
    await client.close();
  }
}

async function record(
  client: string,
  needs: PrerequisiteName,
  use: (host: SimulatedHost, program: string) => Promise<void>,
): Promise<void> {
  const found = await prerequisites[needs]();
  if (!found.available) throw new Error(found.reason);
  const host = await SimulatedHost.start({
    ...RECORDED,
    networks: ["VM Network", "lab-net"],
    datastores: [{ name: "datastore1", capacityBytes: 100 * 1024 ** 3 }],
  });
  try {
    await use(host, found.path);
    const lines = (await readFile(host.recording, "utf8")).trim().split("\n");
    const requests = recordingOf(lines.map((line): Recorded => JSON.parse(line)));
    const file = join(import.meta.dirname, `${client}.jsonl`);
    await rm(file, { force: true });
    await writeFile(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
    process.stdout.write(`${file}: ${requests.length} of ${lines.length} requests\n`);
  } finally {
    await host.stop();
  }
}

await record("govc", "TEST_GOVC", useGovc);
await record("pyvmomi", "TEST_PYTHON", usePyVmomi);
