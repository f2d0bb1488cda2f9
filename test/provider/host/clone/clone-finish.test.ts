/** What a copy is told once it has its devices: the source's video card and boot order, and nothing that it has anyway. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { finishCopy } from "../../../../provider/host/clone/clone-finish.ts";
import type { CloneSource } from "../../../../provider/host/clone/clone-source.ts";
import { findCloneSource } from "../../../../provider/host/clone/clone-source.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type {
  VirtualDevice,
  VirtualMachineBootOptionsBootableDevice,
  VirtualMachineVideoCard,
} from "../../../../schema/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Managed } from "../../resources/managed.ts";

let lab: Lab;
let source: CloneSource;

beforeAll(async () => {
  lab = await Lab.open();
  const devices = {
    disks: [
      { label: "a", size: 0.01 },
      { label: "b", size: 0.01 },
    ],
    networkInterfaces: [{ network: "VM Network" }],
    cdroms: [{}],
  };
  for (const name of ["source", "copy"]) {
    await new Managed(lab, "ScratchVm", scratchVm, name).create({
      name,
      powerOn: false,
      memory: 64,
      ...devices,
    });
  }
  source = await findCloneSource(lab.host, "source");
});

afterEach(() => vi.restoreAllMocks());
afterAll(() => lab.close());

const { signal } = new AbortController();
const copyOf = () => ({ type: "VirtualMachine", value: lab.raw.vm("copy").moid });
const isCard = (device: VirtualDevice): device is VirtualMachineVideoCard =>
  device.$type === "VirtualMachineVideoCard";
const CARD = {
  videoRamSizeInKB: 8192,
  numDisplays: 1,
  useAutoDetect: false,
  enable3DSupport: false,
};

/** The source with such a video card, or none, and such a boot order. */
function withSource(
  card: Partial<VirtualMachineVideoCard> | undefined,
  bootOrder?: readonly VirtualMachineBootOptionsBootableDevice[],
): CloneSource {
  const { bootOptions: _, ...config } = source.config;
  const devices = source.devices.flatMap((device) => {
    if (!isCard(device)) return [{ ...device, key: device.key + 50_000 }];
    return card === undefined ? [] : [{ ...device, ...CARD, ...card }];
  });
  return { ...source, devices, config: { ...config, ...(bootOrder && { bootOptions: { bootOrder } }) } };
}

/** What the copy is told, each time that it is reconfigured. */
async function told(from: CloneSource): Promise<readonly unknown[]> {
  const call = vi.spyOn(lab.host.client, "call");
  await finishCopy(lab.host, copyOf(), from, signal);
  return call.mock.calls.flatMap(([, method, parameters]) =>
    method === "ReconfigVM_Task" ? [(parameters as { readonly spec: unknown }).spec] : [],
  );
}

test.each<[string, Partial<VirtualMachineVideoCard> | undefined]>([
  ["without a video card", undefined],
  ["with the usual one", {}],
  ["with the usual one of older hosts", { videoRamSizeInKB: 4096 }],
  ["whose host says nothing of it", { videoRamSizeInKB: undefined, numDisplays: undefined }],
])("nothing is asked for the copy of a machine %s", async (_, card) => {
  expect(await told(withSource(card))).toEqual([]);
});

test.each<[string, Partial<VirtualMachineVideoCard>]>([
  ["more video memory", { videoRamSizeInKB: 16_384 }],
  ["several displays", { numDisplays: 2 }],
  ["a size that follows the guest", { useAutoDetect: true }],
  ["3D", { enable3DSupport: true }],
])("the copy of a machine with %s has the same video card, and is told nothing else", async (_, card) => {
  const [spec, ...others] = await told(withSource(card));
  const own = lab.raw.vm("copy").config.hardware.device?.find(isCard);
  expect(others).toEqual([]);
  expect(spec).toEqual({
    deviceChange: [
      expect.objectContaining({
        operation: "edit",
        device: expect.objectContaining({ key: own?.key, ...CARD, ...card }),
      }),
    ],
  });
});

test("the copy boots in the order of its source, from its own devices, without those that it has not", async () => {
  const keysOf = (type: string, devices: readonly VirtualDevice[]) =>
    devices.filter(({ $type }) => $type === type).map(({ key }) => key);
  const from = withSource(undefined);
  const [a = 0, b = 0] = keysOf("VirtualDisk", from.devices);
  const [nic = 0] = keysOf("VirtualVmxnet3", from.devices);
  const disk = (deviceKey: number) => create("VirtualMachineBootOptionsBootableDiskDevice", { deviceKey });
  const network = (deviceKey: number) =>
    create("VirtualMachineBootOptionsBootableEthernetDevice", { deviceKey });
  const cdrom = create("VirtualMachineBootOptionsBootableCdromDevice", {});
  const order = [disk(b), cdrom, network(nic), disk(77), disk(a)];
  const [spec] = await told(withSource(undefined, order));
  const own = lab.raw.vm("copy").config.hardware.device ?? [];
  const [ownA = 0, ownB = 0] = keysOf("VirtualDisk", own);
  const [ownNic = 0] = keysOf("VirtualVmxnet3", own);
  expect(spec).toEqual({ bootOptions: { bootOrder: [disk(ownB), cdrom, network(ownNic), disk(ownA)] } });
  expect(lab.raw.vm("copy").config.bootOptions?.bootOrder).toHaveLength(4);
});

test("a copy that is gone is told nothing", async () => {
  vi.spyOn(lab.host.vms, "byReference").mockResolvedValue(undefined);
  expect(await told(withSource({ numDisplays: 2 }))).toEqual([]);
});

test("a run that was stopped tells its copy nothing", async () => {
  const reason = new Error("^C");
  const stopped = finishCopy(lab.host, copyOf(), withSource({ numDisplays: 2 }), AbortSignal.abort(reason));
  expect(await failure(stopped)).toBe(reason);
});
