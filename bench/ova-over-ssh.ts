import { createReadStream } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OpenSshServer, startOpenSsh } from "../test/support/openssh-server.ts";
import { prerequisites } from "../tools/prerequisites/index.ts";
import { root } from "../tools/setup/cache.mjs";
import { feed, succeed } from "./support/command.ts";
import { type LargeOva, writeLargeOva } from "./support/large-ova.ts";
import { BenchProject } from "./support/project.ts";
import type { Benchmark } from "./support/result.ts";
import { sshOf, withSimulator } from "./support/simulator.ts";
import { interleave, ratios } from "./support/statistics.ts";

const GIB = 1024 ** 3;
const LARGEST_PROVIDER_MB = 250;
/** Of those, Pulumi's SDK has 155 before our code loads. */
const MOST_ADDED_MB = 95;

/** One large OVA over SSH: how fast its bytes travel to OpenSSH's own server, and what memory a whole deployment takes. */
export const ovaOverSsh: Benchmark = {
  name: "ova-over-ssh",
  title:
    "One OVA of 1 GiB over SSH to OpenSSH's server: as the product sends it, with SHA-256, and by OpenSSH's client",

  async run({ rounds, folder }) {
    const sshd = await prerequisites.TEST_SSHD();
    if (!sshd.available) throw new Error(`This needs an SSH server: ${sshd.reason}`);
    const ova = await writeLargeOva(join(folder, "1-gib.ova"), GIB);
    const server = await startOpenSsh({ program: sshd.path });
    try {
      // The user who logs in writes there.
      await chmod(folder, 0o755);
      const inbox = join(folder, "inbox");
      await mkdir(inbox, { mode: 0o777 });
      await chmod(inbox, 0o777);
      const target = join(inbox, "disk");
      const added: number[] = [];
      const { product, openssh } = await interleave(rounds, {
        product: async () => {
          const { seconds, addedBytes } = await sendByProduct(server, ova, target);
          added.push(addedBytes / 1e6);
          await rm(target);
          return ova.diskBytes / 1e6 / seconds;
        },
        openssh: async () => {
          const seconds = await sendByOpenSsh(server, ova, target, folder);
          await rm(target);
          return ova.diskBytes / 1e6 / seconds;
        },
      });
      const peak = await deploy(ova.path);
      return {
        rows: [
          { label: "the product", unit: "MB/s", samples: product },
          { label: "ssh host 'cat > file'", unit: "MB/s", samples: openssh },
          { label: "ratio", unit: "", samples: ratios(product, openssh), goal: { atLeast: 0.7 } },
          { label: "memory that sending takes", unit: "MB", samples: added, goal: { atMost: MOST_ADDED_MB } },
          ...(peak === undefined
            ? []
            : [
                {
                  label: "memory of the provider in `pulumi up`",
                  unit: "MB",
                  samples: [peak / 1e6],
                  goal: { atMost: LARGEST_PROVIDER_MB },
                },
              ]),
        ],
        notes: peak === undefined ? ["The provider's memory is measured where there is a /proc."] : [],
      };
    } finally {
      await server.stop();
    }
  },
};

/** Deploys it on a simulated host with a free licence; the peak of the provider process's memory. */
function deploy(ova: string): Promise<number | undefined> {
  return withSimulator(
    0,
    (host) =>
      BenchProject.with({ resource: "ova-deployment", count: 1, ova }, host.environment, async (project) => {
        await project.reachBySsh(sshOf(host));
        return (await project.up()).providerPeakBytes;
      }),
    "free",
  );
}

async function sendByProduct(
  { port, username, privateKey, fingerprints }: OpenSshServer,
  ova: LargeOva,
  target: string,
): Promise<{ readonly seconds: number; readonly addedBytes: number }> {
  const hostKey = { fingerprints, knownHosts: "", trustOnFirstUse: false };
  const settings = { host: "127.0.0.1", port, username, privateKey, hostKey };
  const script = join(root, "bench/ssh-upload.ts");
  const env = { ...process.env, SSH_SETTINGS: JSON.stringify(settings) };
  return JSON.parse(await succeed(process.execPath, [script, ova.path, target], { env }));
}

async function sendByOpenSsh(
  { port, username, privateKey, knownHosts }: OpenSshServer,
  ova: LargeOva,
  target: string,
  folder: string,
): Promise<number> {
  const [key, known] = [join(folder, "key"), join(folder, "known_hosts")];
  await writeFile(key, privateKey, { mode: 0o600 });
  await writeFile(known, knownHosts);
  const options = [
    `IdentityFile=${key}`,
    "IdentitiesOnly=yes",
    `UserKnownHostsFile=${known}`,
    "BatchMode=yes",
  ];
  const args = [...options.flatMap((option) => ["-o", option]), "-p", String(port)];
  const disk = createReadStream(ova.path, {
    start: ova.diskOffset,
    end: ova.diskOffset + ova.diskBytes - 1,
    highWaterMark: 1024 * 1024,
  });
  const began = performance.now();
  await feed("ssh", [...args, `${username}@127.0.0.1`, `cat > '${target}'`], disk);
  return (performance.now() - began) / 1000;
}
