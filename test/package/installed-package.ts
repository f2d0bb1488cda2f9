import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { root } from "../../tools/setup/cache.mjs";
import { runNpm } from "../../tools/setup/npm.ts";

/** A file of the tarball that `npm pack` makes. */
interface PackedFile {
  readonly path: string;
  readonly size: number;
}

/** The tarball as users get it, and the dependencies that npm installs beside it. */
export interface InstalledPackage {
  readonly files: readonly PackedFile[];
  /** Where the package lies, unpacked, under `node_modules`. */
  readonly folder: string;
  /** The installed `node_modules`. */
  readonly nodeModules: string;
  remove(): Promise<void>;
}

/** `package.json` as `pulumi new typescript` writes it. */
const TEMPLATE = {
  name: "lab",
  main: "index.ts",
  devDependencies: { "@types/node": "^18", typescript: "^5.0.0" },
  dependencies: { "@pulumi/pulumi": "^3.113.0" },
};

/** Packs this checkout and installs the tarball, as a user does, in a project outside of it. */
export async function installPackage(): Promise<InstalledPackage> {
  const base = await mkdtemp(join(tmpdir(), "esxi-package-"));
  const project = join(base, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify(TEMPLATE, undefined, 4));
  const tarball = await pack(base);
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
  await npm(["install", ...quiet, join(base, tarball.filename)], project);
  const nodeModules = join(project, "node_modules");
  return {
    files: tarball.files,
    folder: join(nodeModules, "pulumi-esxi-direct"),
    nodeModules,
    remove: () => rm(base, { recursive: true, force: true }),
  };
}

/** Packs this checkout as `npm publish` does. */
export async function pack(folder: string): Promise<{ filename: string; files: PackedFile[] }> {
  const packed = await npm(["pack", "--json", "--pack-destination", folder], root);
  const [tarball] = JSON.parse(packed) as { filename: string; files: PackedFile[] }[];
  if (tarball === undefined) throw new Error(`npm pack made nothing: ${packed}`);
  return tarball;
}

/** Makes the project consist of these files and what was installed, and returns its folder. */
export async function makeProject(
  { nodeModules }: InstalledPackage,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const project = dirname(nodeModules);
  for (const name of await readdir(project)) {
    if (name !== basename(nodeModules)) await rm(join(project, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  return project;
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runNpm(args, cwd);
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed in ${cwd}:\n${stderr}`);
  return stdout;
}
