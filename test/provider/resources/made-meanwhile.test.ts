/** Two runs want one name, or a colleague takes it, between a create's look and its write. */
import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { RawClient } from "../../simulator/host/raw-client.ts";
import { failure, Lab } from "./lab.ts";
import { type InState, Managed } from "./managed.ts";
import { RawNetwork } from "./raw-network.ts";

const WAYS = ["the API", "SSH"] as const;
const WAIT = { timeout: 60_000 };

let lab: Lab;

async function open(way: (typeof WAYS)[number]): Promise<void> {
  lab = await Lab.open(
    way === "SSH"
      ? { license: "free", ssh: { listen: "127.0.0.1:0" }, behaviour: { freeFolderWrites: "refused" } }
      : {},
  );
}

afterEach(() => lab.close());

const KINDS = [
  {
    what: 'the port group "dev"',
    kind: "PortGroup",
    lifecycle: portGroup,
    calledBy: "name",
    ours: { name: "dev", virtualSwitch: "vSwitch0", vlanId: 7 },
    theirs: { name: "dev", virtualSwitch: "vSwitch0", vlanId: 42 },
    write: {
      "the API": { method: "AddPortGroup" },
      SSH: { method: "ssh.exec", entity: "'portgroup' 'add'" },
    },
    there: async () => (await RawNetwork.open(lab)).value("PortGroup", "dev", "vlanId"),
    left: "42",
  },
  {
    what: 'the vSwitch "dev"',
    kind: "VirtualSwitch",
    lifecycle: virtualSwitch,
    calledBy: "name",
    ours: { name: "dev", mtu: 1500 },
    theirs: { name: "dev", mtu: 9000 },
    write: {
      "the API": { method: "AddVirtualSwitch" },
      SSH: { method: "ssh.exec", entity: "'standard' 'add'" },
    },
    there: async () => (await RawNetwork.open(lab)).value("VirtualSwitch", "dev", "mtu"),
    left: "9000",
  },
  {
    what: 'the resource pool "dev"',
    kind: "ResourcePool",
    lifecycle: resourcePool,
    calledBy: "name",
    ours: { name: "dev", cpuLimit: 100 },
    theirs: { name: "dev", cpuLimit: 200 },
    write: {
      "the API": { method: "CreateResourcePool" },
      SSH: { method: "ssh.exec", entity: "rsrc/create" },
    },
    there: async () => {
      const raw = new RawClient(lab.raw.simulator);
      await raw.login(lab.raw.username, lab.raw.password);
      expect(await raw.read("ResourcePool:ha-root-pool", "resourcePool")).not.toContain("pool2");
      const limit = await raw.value("ResourcePool:pool1", "config.cpuAllocation.limit");
      await raw.close();
      return limit;
    },
    left: "200",
  },
  {
    what: 'the file "[datastore1] dev.cfg"',
    kind: "DatastoreFile",
    lifecycle: datastoreFile,
    calledBy: "path",
    ours: { path: "dev.cfg", source: "ours.cfg" },
    theirs: { path: "dev.cfg", source: "theirs.cfg" },
    write: {
      "the API": { method: "MoveDatastoreFile_Task" },
      SSH: { method: "ssh.exec", entity: "'mv' '-n'" },
    },
    there: () => readFile(lab.raw.simulator.localFile("[datastore1] dev.cfg"), "utf8"),
    left: "theirs",
    theirFiles: [expect.stringMatching(/ \.pulumi-esxi-direct-\w+$/), "[datastore1] dev.cfg"],
  },
  {
    what: 'the folder "[datastore1] dev"',
    kind: "DatastoreFolder",
    lifecycle: datastoreFolder,
    calledBy: "path",
    ours: { path: "dev" },
    theirs: { path: "dev" },
    write: {
      "the API": { method: "MoveDatastoreFile_Task" },
      SSH: { method: "ssh.exec", entity: "'mv' '-n'" },
    },
    there: async () => "a folder",
    left: "a folder",
    theirFiles: ["[datastore1] dev/", expect.stringMatching(/ dev\/\.pulumi-esxi-direct-folder$/)],
  },
];

/** The other run makes it when the write of ours has reached the host. */
function racing(row: (typeof KINDS)[number], way: (typeof WAYS)[number], theirs: Properties) {
  const other = lab.connect();
  const theirRun = new Managed(
    { context: (signal) => lab.context(signal, other) },
    row.kind,
    row.lifecycle,
    "theirs",
  );
  let made: InState | undefined;
  lab.raw.simulator.faults.add({
    ...row.write[way],
    count: 1,
    action: "continue",
    onWork: async (moment) => {
      if (moment === "before") made = await theirRun.create(theirs);
    },
  });
  return { run: new Managed(lab, row.kind, row.lifecycle, "ours"), made: () => made };
}

describe.each(WAYS)("over %s", (way) => {
  test.each(KINDS)(
    "$what that another run makes meanwhile stays, and the message says so",
    async (row) => {
      await open(way);
      await lab.write("ours.cfg", "ours");
      await lab.write("theirs.cfg", "theirs");
      const { run, made } = racing(row, way, row.theirs);
      const { message } = await failure(run.create(row.ours));
      expect(made()?.outs).toMatchObject(row.theirs);
      expect(message).toBe(
        `esxi1 has ${row.what} already, and it is left alone. It was made by the resource ` +
          `urn:pulumi:dev::lab::pulumi-nodejs:esxi:${row.kind}::theirs. If that is this resource under another name or parent, ` +
          "tell Pulumi so by the option `aliases`, and nothing is made anew. Set `adopt: true` to take it under management as " +
          `it is, or give this resource another \`${row.calledBy}\`. It was made while this run was about to make it.`,
      );
      expect(await row.there()).toBe(row.left);
      // Of ours there is nothing: no mark of something begun, no upload.
      const { files } = await lab.raw.contents();
      expect(files.filter((file) => !/\.made$/.test(file))).toEqual(row.theirFiles ?? []);
    },
    WAIT.timeout,
  );

  test.each(KINDS)(
    "$what that another run makes meanwhile is adopted if the program says so",
    async (row) => {
      await open(way);
      await lab.write("ours.cfg", "ours");
      const { run } = racing(row, way, row.ours);
      expect((await run.create({ ...row.ours, adopt: true })).outs).toMatchObject(row.ours);
    },
  );
});
