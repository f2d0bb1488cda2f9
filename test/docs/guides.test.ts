/**
 * Each guide is followed from its first line to its last: its files are written, its commands run with the real
 * `pulumi` on a simulated host, and what it says of their outcome must come true. `guides/steps.ts` says what a page
 * can hold, and `guides/fewer-runs.ts` which runs of `pulumi` show nothing that the one behind them does not show.
 */
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { buildOva } from "../support/ova-builder.ts";
import { need } from "../support/prerequisites.ts";
import { PulumiProject } from "../support/pulumi-project.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { guides, readPage } from "./fences.ts";
import { stepsOf } from "./guides/steps.ts";
import { follow, type Walk } from "./guides/walk.ts";

/** The guide whose reader has no project yet. */
const FIRST = "docs/guides/getting-started.md";
/** Datastores of readers who have more than one. */
const DATASTORES: Readonly<Record<string, readonly string[]>> = {
  "docs/guides/months-later.md": ["datastore1", "ssd"],
};
/** Further hosts, by their names, of readers who have several. */
const NAMED_HOSTS: Readonly<Record<string, readonly string[]>> = {
  "docs/guides/hosts.md": ["lab1", "lab2", "lab3"],
};
/** Packages beside this one that pages install. */
const FURTHER_PACKAGES = ["csv-parse"];
const HUNDRED_GB = 100 * 1024 ** 3;
/** Pages that tell, and have nothing to do. */
const TO_READ = ["docs/guides/troubleshooting.md"];

const TIMEOUT_MS = 600_000;

/** A cloud image as Ubuntu publishes it, but for its size. */
const CLOUD_IMAGE = "noble-server-cloudimg-amd64";
const PROPERTIES = ["instance-id", "hostname", "seedfrom", "public-keys", "user-data", "password"].map(
  (key) => `<Property ovf:key="${key}" ovf:type="string" ovf:userConfigurable="true" ovf:value=""/>`,
);

test.for(guides.filter((page) => !TO_READ.includes(page)))(
  "%s comes true",
  { timeout: TIMEOUT_MS },
  async (page, context) => {
    const binDir = await need(context, "TEST_PULUMI_BIN");
    const datastores = (DATASTORES[page] ?? ["datastore1"]).map((name) => ({
      name,
      capacityBytes: HUNDRED_GB,
    }));
    const host = await SimulatedHost.start({ guestAddressDelayMs: 4, datastores });
    context.onTestFinished(() => host.stop());
    const project = await PulumiProject.make(binDir);
    context.onTestFinished(() => project.remove());
    const named: Record<string, SimulatedHost> = {};
    for (const name of NAMED_HOSTS[page] ?? []) {
      const further = await SimulatedHost.start({ guestAddressDelayMs: 4 });
      context.onTestFinished(() => further.stop());
      named[name] = further;
    }
    const markdown = readPage(page);
    const begin = page === FIRST ? fromNothing : fromProject;
    const walk = await begin(project, host);
    const { PULUMI_STACK, ...others } = walk.environment;
    // A stack that the page makes is selected by that.
    const environment = markdown.includes("pulumi stack init") ? others : walk.environment;
    await follow(page, markdown, { ...walk, environment, named });
  },
);

test.for(guides.filter((page) => !TO_READ.includes(page)))("%s looks at the host in the end", (page) => {
  const seen = stepsOf(page, readPage(page)).filter(({ kind }) => kind !== "file" && kind !== "change");
  expect(seen.at(-1)?.kind, "the last thing that happens").toBe("host");
});

/** A reader who has the project of the first guide, and its stack and configuration. */
async function fromProject(project: PulumiProject, host: SimulatedHost): Promise<Omit<Walk, "named">> {
  await project.useHost(host);
  const first = stepsOf(FIRST, readPage(FIRST));
  for (const step of first) {
    if (step.kind === "file" && step.name !== "index.ts") await project.write(step.name, step.text);
  }
  await rm(join(project.folder, "index.js"));
  const { folder, environment } = project;
  return { folder, environment, host, ...(await bringFiles(folder)) };
}

/** A reader who has nothing but what is on the path, in an empty home. */
async function fromNothing(project: PulumiProject, host: SimulatedHost): Promise<Omit<Walk, "named">> {
  const folder = join(project.folder, "home");
  await mkdir(folder);
  const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, ...others } = project.environment;
  return { folder, environment: { ...others, HOME: folder }, host, ...(await bringFiles(project.folder)) };
}

/** Puts what readers have of their own into `images/`, and what they download into another folder. */
async function bringFiles(folder: string): Promise<Pick<Walk, "nodeModules" | "downloads">> {
  const downloads = join(folder, "downloads");
  await mkdir(downloads);
  const cloudImage = buildOva({
    name: CLOUD_IMAGE,
    transport: "iso com.vmware.guestInfo",
    sections: `<ProductSection><Info>Cloud-Init customization</Info>${PROPERTIES.join("")}</ProductSection>`,
  });
  await writeFile(join(downloads, `${CLOUD_IMAGE}.ova`), cloudImage.ova);
  await cp(join(root, "images"), join(folder, "images"), { recursive: true });
  for (const name of FURTHER_PACKAGES)
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  return { nodeModules: join(folder, "node_modules"), downloads };
}
