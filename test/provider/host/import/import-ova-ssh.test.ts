/** An OVA becomes a machine in the host's shell: what is refused before, what says whose the folder is, what has no word in a .vmx file. */
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { importOvaBySsh } from "../../../../provider/host/import/import-ova-ssh.ts";
import type { OvaImport } from "../../../../provider/host/import/ova-import.ts";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { flagOf } from "../../../../provider/host/shell/ssh-folder.ts";
import type { OwnerMark } from "../../../../provider/host/vm/reading/owner-mark.ts";
import { type OvaSource, openOvaSource } from "../../../../provider/ovf/source/source.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { OvfCreateImportSpecResult, VirtualDevice } from "../../../../schema/index.ts";
import { diskFile } from "../../../support/ova-builder.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { PLAIN_IMPORT } from "./plain-import.ts";

type Answer = OvfCreateImportSpecResult;
const MARK: OwnerMark = { schema: 1, urn: "urn", digest: "digest", phase: "creating", session: "" };

let lab: Lab;
let source: OvaSource;
let count = 0;
/** A machine of each test's own. */
let name = "";

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  source = await openOvaSource(await lab.ova({ files: ["a.vmdk", "b.vmdk"].map((href) => diskFile(href)) }));
});

afterAll(async () => {
  await source.close();
  await lab.close();
});

beforeEach(() => {
  name = `vm${count++}`;
  lab.said.length = 0;
});

afterEach(() => {
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
});

function imported(request: Partial<OvaImport> = {}) {
  const { progress, signal } = lab.context();
  const options = { signal, onStatus: progress.status, onWarning: progress.warn };
  return importOvaBySsh(lab.host, source, { ...PLAIN_IMPORT, name, mark: MARK, ...request }, options);
}

/** What the host reads in the descriptor, as the function makes it. */
function reads(change: (answer: Answer) => Answer): void {
  const { client } = lab.host;
  const call = client.call.bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
  const answer = async (...args: readonly unknown[]) => {
    const found = await call(...args);
    return args[1] === "CreateImportSpec" ? change(found as Answer) : found;
  };
  vi.spyOn(client, "call").mockImplementation(answer as typeof client.call);
}

const there = async () => {
  const { vms, files } = await lab.raw.contents();
  return [...vms, ...files].filter((each) => each.includes(name));
};

test("a host that is to fetch the files itself is refused, since its shell fetches none", async () => {
  lab.raw.simulator.requests.clear();
  const { message } = await failure(imported({ pullFrom: "http://files.lab/a.ova" }));
  expect(message).toMatch(/^esxi1: transfer: "pull" has no meaning over SSH.* Nothing was created\.$/);
  expect([await there(), lab.raw.count("CreateImportSpec")]).toEqual([[], 0]);
});

test("while its disks are made, its folder says which run makes how many of them", async () => {
  const shell = await shellOf(lab.host).open();
  const { signal } = new AbortController();
  const flags: string[] = [];
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "'vmkfstools' '-i'",
    count: 1,
    action: "continue",
    onWork: async (moment) => {
      if (moment === "after") return;
      const flag = await shell.readFile(`/vmfs/volumes/datastore1/${name}/${flagOf(MARK)}`, signal);
      flags.push(Buffer.from(flag ?? "").toString());
    },
  });
  const vm = await imported();
  expect(flags).toEqual([expect.stringMatching(/^[^\n]+\n2$/)]);
  expect(vm.ownerMark).toMatchObject({ ...MARK, flag: flagOf(MARK) });
  expect(await there()).toEqual(
    expect.arrayContaining(
      [`${name}.vmdk`, `${name}_1.vmdk`, `${name}.vmx`].map((file) => `[datastore1] ${name}/${file}`),
    ),
  );
  const vmx = await readFile(lab.raw.simulator.localFile(`[datastore1] ${name}/${name}.vmx`), "utf8");
  for (const line of [`fileName = "${name}.vmdk"`, `fileName = "${name}_1.vmdk"`, `nvram = "${name}.nvram"`])
    expect(vmx).toContain(line);
  expect(lab.texts("status")[0]).toBe("preparing the import");
  expect(lab.texts("warn")).toEqual([]);
});

test.each([
  [
    "a file that the package does not have",
    { path: "c.vmdk" },
    /asks for the file c\.vmdk of .*, which is not in the archive\. Nothing was created\.$/,
  ],
  [
    "a device that the machine does not have",
    { deviceId: "/vm/VirtualLsiLogicController0:7" },
    /the file a\.vmdk of .*, for .*0:7, which the machine does not have\. Nothing/,
  ],
])("a host that asks for %s gets no machine", async (_, change, said) => {
  reads((answer) => {
    const [first, ...others] = answer.fileItem ?? [];
    if (first === undefined) throw new Error("It asks for nothing.");
    return { ...answer, fileItem: [{ ...first, ...change }, ...others] };
  });
  expect((await failure(imported())).message).toMatch(said);
  expect(await there()).toEqual([]);
});

test("a device that has no word in a .vmx file is told, and the machine is made without it", async () => {
  const device: VirtualDevice = { $type: "VirtualSoundCard", key: -9 };
  reads((answer) => {
    const importSpec = answer.importSpec as unknown as { configSpec: { deviceChange: readonly object[] } };
    const { deviceChange } = importSpec.configSpec;
    const configSpec = {
      ...importSpec.configSpec,
      deviceChange: [...deviceChange, create("VirtualDeviceConfigSpec", { operation: "add", device })],
    };
    return { ...answer, importSpec: { ...importSpec, configSpec } as unknown as Answer["importSpec"] };
  });
  await imported();
  expect(lab.texts("warn")).toEqual([
    `"${name}" does not get over SSH what a .vmx file has no word for here: VirtualSoundCard.`,
  ]);
  expect(await there()).toContain(`${name}: poweredOff`);
});
