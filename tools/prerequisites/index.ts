import { GoBuildError } from "../cli/go-build.ts";
import { ensureGovc, ensureTtylinuxOva, ensureVcsim } from "../cli/govmomi.ts";
import { ensurePulumi, NoPulumiError } from "../cli/pulumi.ts";
import { ensureVmwareDisk } from "../cli/vmware-disk.ts";
import { ensureCloudInit } from "./cloud-init.ts";
import { ensureDebianTool } from "./debian-tool.ts";
import { ensureNetworkNamespaces } from "./network-namespaces.ts";
import { ensureNpmTool } from "./npm-tool.ts";
import type { Prerequisite } from "./prerequisite.ts";
import { ensurePyvmomi } from "./pyvmomi.ts";
import { ensureSshd } from "./sshd.ts";

export type { Prerequisite } from "./prerequisite.ts";

/**
 * What tests use beyond the npm packages, by the name of the environment variable that hands its path
 * to them. Each can be prepared any number of times and in any number of processes.
 */
export const prerequisites = {
  /** The folder with the Pulumi CLI and its plugins. */
  TEST_PULUMI_BIN: () => orReason(async () => (await ensurePulumi()).binDir),
  TEST_VCSIM: () => orReason(ensureVcsim),
  TEST_GOVC: () => orReason(ensureGovc),
  /** A real OVA that others made. */
  TEST_TTYLINUX_OVA: () => orReason(ensureTtylinuxOva),
  /** A real disk that VMware's tools wrote. */
  TEST_VMWARE_DISK: () => orReason(ensureVmwareDisk),
  TEST_QEMU_IMG: () => ensureDebianTool("qemu-img", "qemu-utils"),
  /** Reads ISO images. */
  TEST_ISOINFO: () => ensureDebianTool("isoinfo", "genisoimage"),
  TEST_OPENSSL: () => ensureDebianTool("openssl", "openssl"),
  TEST_SSH: () => ensureDebianTool("ssh", "openssh-client"),
  TEST_ANSIBLE: () => ensureDebianTool("ansible-playbook", "ansible-core"),
  TEST_DNSMASQ: () => ensureDebianTool("dnsmasq", "dnsmasq-base"),
  /** A DHCP client, and namespaces to have it in one network with a server. */
  TEST_UDHCPC: () => ensureDebianTool("udhcpc", "udhcpc"),
  TEST_NETNS: ensureNetworkNamespaces,
  TEST_KEA: () => ensureDebianTool("kea-dhcp4", "kea-dhcp4-server"),
  /** A name server that takes dynamic updates, and what makes them. */
  TEST_NAMED: () => ensureDebianTool("named", "bind9"),
  TEST_NSUPDATE: () => ensureDebianTool("nsupdate", "bind9-dnsutils"),
  /** A folder with the cloud-init of the distribution, unpacked. */
  TEST_CLOUD_INIT: ensureCloudInit,
  /** OpenSSH's server. */
  TEST_SSHD: ensureSshd,
  /** Package managers beside npm. */
  TEST_PNPM: () => ensureNpmTool("pnpm"),
  TEST_BUN: () => ensureNpmTool("bun"),
  /** A Python that can `import pyVmomi`. */
  TEST_PYTHON: ensurePyvmomi,
} satisfies Record<string, () => Promise<Prerequisite>>;

export type PrerequisiteName = keyof typeof prerequisites;

async function orReason(ensure: () => Promise<string>): Promise<Prerequisite> {
  try {
    return { available: true, path: await ensure() };
  } catch (error) {
    if (error instanceof GoBuildError || error instanceof NoPulumiError) {
      return { available: false, reason: error.message };
    }
    throw error;
  }
}
