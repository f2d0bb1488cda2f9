import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { join } from "node:path";
import { onTestFinished, type TestContext } from "vitest";
import { guestKeys } from "../../../provider/resources/vm/settings/guest.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const PYTHON = "/usr/bin/python3";
const READER = join(import.meta.dirname, "cloud_init_reader.py");
/** Where a checkout of a newer cloud-init is, which the tests then ask as well: no registry has one. */
const CHECKOUT = "CLOUD_INIT_CHECKOUT";

/** What cloud-init makes of the documents. */
export interface Read {
  readonly found: boolean;
  readonly hostname: string;
  readonly fqdn: string;
  readonly network: unknown;
  readonly keys: readonly string[];
  readonly vendordata: string | null;
  readonly userdata: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly users: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly hasInstanceId: boolean;
  readonly rendered?: Readonly<Record<Renderer, { readonly text: string; readonly errors: string }>>;
}

export const RENDERERS = ["netplan", "networkd", "eni", "sysconfig", "network-manager"] as const;
type Renderer = (typeof RENDERERS)[number];

type Settings = Parameters<typeof guestKeys>[0];

/** The releases that are asked, by the folder that Python imports them from. */
async function releases(context: TestContext): Promise<string[]> {
  const own = join(await need(context, "TEST_CLOUD_INIT"), "usr/lib/python3/dist-packages");
  const newer = process.env[CHECKOUT];
  return newer === undefined ? [own] : [own, newer];
}

function python(folder: string, args: readonly string[], input?: string): SpawnSyncReturns<string> {
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" };
  return spawnSync(PYTHON, args, { env, encoding: "utf8", input, maxBuffer: 64 << 20 });
}

/**
 * What each release of cloud-init finds when the host tells its guest these settings, machine by machine.
 *
 * @param render Whether the network is rendered too, in all ways.
 */
export function readByCloudInit(
  context: TestContext,
  machines: readonly Settings[],
  { render = false } = {},
): Promise<readonly (readonly Read[])[]> {
  const cases = machines.map((settings) => ({
    keys: Object.fromEntries(
      Object.entries(guestKeys(settings)).map(([key, value]) => [key.replace("guestinfo.", ""), value]),
    ),
    macs: render
      ? settings.networkInterfaces?.map(({ macAddress }, index) => [`ens${192 + index}`, macAddress])
      : [],
  }));
  return readAll(context, cases);
}

/** What each release of cloud-init finds in the files of a seed. */
export async function readSeed(
  context: TestContext,
  seed: Readonly<Record<string, string>>,
): Promise<readonly Read[]> {
  return (await readAll(context, [{ seed }])).flat();
}

async function readAll(context: TestContext, cases: readonly unknown[]): Promise<Read[][]> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  return (await releases(context)).map((release, index) => {
    const input = JSON.stringify({ folder: join(folder.path, String(index)), cases });
    const { status, stdout, stderr } = python(release, [READER], input);
    if (status !== 0) throw new Error(`cloud-init in ${release} failed: ${stderr}`);
    return JSON.parse(stdout) as Read[];
  });
}

/** What each release's `cloud-init schema` says of a file; empty for nothing. */
export async function schemaSays(context: TestContext, file: string): Promise<string[]> {
  return (await releases(context)).map((release) => {
    const main = "import sys; from cloudinit.cmd.main import main; sys.exit(main())";
    const { status, stdout, stderr } = python(release, ["-c", main, "schema", "--config-file", file]);
    return status === 0 && /Valid/.test(stdout) ? "" : `${stdout}${stderr}`;
  });
}
