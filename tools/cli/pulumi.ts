import { copyFileSync, existsSync, linkSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder, root } from "../setup/cache.mjs";
import { findOnPath, isExecutable, runCommand, say } from "../setup/command.ts";
import { madeOnce } from "../setup/once.ts";
import { buildGoProgram, digestOf, GO_VERSION, GoBuildError, type GoProgram } from "./go-build.ts";
import { DownloadError, fetchRelease } from "./pulumi-release.ts";

/** The Pulumi CLI that is downloaded or built. */
const VERSION = "3.259.0";
/** The oldest CLI that is taken from PATH. */
const OLDEST = "3.200.0";

const TRY_DOWNLOAD_AGAIN_AFTER_MS = 6 * 60 * 60_000;

const LINKER_FLAGS = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${VERSION}`;
const PROGRAMS: readonly GoProgram[] = [
  {
    module: "language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    flags: ["-ldflags", LINKER_FLAGS],
    binary: "pulumi-language-nodejs",
  },
  {
    module: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    flags: ["-tags", "osusergo,grpcnotrace", "-ldflags", LINKER_FLAGS],
    binary: "pulumi",
  },
];

/** The Pulumi CLI that a command of this project uses. */
export interface PulumiCli {
  /** The folder to put first on PATH: holds `pulumi` and, unless PATH has them, its two plugins for Node.js. */
  binDir: string;
  /** For example "3.259.0". */
  version: string;
  source: "path" | "download" | "built";
}

/** Thrown when there is no Pulumi CLI and none could be had. */
export class NoPulumiError extends Error {
  override name = "NoPulumiError";
}

/**
 * Finds the Pulumi CLI on PATH, else downloads the publisher's archive of one release and compares it with the
 * publisher's checksums, else builds it from Go modules (about four minutes, once per machine). Says on standard error
 * what takes time.
 *
 * @throws NoPulumiError with what to install when none of the three works.
 */
export async function ensurePulumi(): Promise<PulumiCli> {
  return (await findInstalled()) ?? findCached() ?? (await download()) ?? (await build());
}

async function findInstalled(): Promise<PulumiCli | undefined> {
  const pulumi = findOnPath("pulumi");
  if (pulumi === undefined) return undefined;
  const binDir = dirname(pulumi);
  const hasLanguageHost =
    isExecutable(join(binDir, "pulumi-language-nodejs")) ||
    findOnPath("pulumi-language-nodejs") !== undefined;
  const version = await versionOf(pulumi);
  if (version === undefined || !hasLanguageHost || isOlder(version, OLDEST)) return undefined;
  return { binDir, version, source: "path" };
}

async function versionOf(pulumi: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const result = await runCommand(pulumi, ["version"], { env, timeoutMs: 30_000 });
  return /^v?(\d+\.\d+\.\d+)/.exec(result.stdout.trim())?.[1];
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}

/** The release brings the script that starts dynamic providers along; a build takes it from the SDK. */
const DYNAMIC_PROVIDER = "pulumi-resource-pulumi-nodejs";
const DOWNLOAD_NAME = `pulumi-release/${VERSION}`;
const DOWNLOADED_BIN = "pulumi";
const programsName = () => `pulumi/${VERSION}-${digestOf(PROGRAMS)}`;
const builtName = () => `${programsName()}-with-options`;

/**
 * The newest language host that Go modules offer is older than the CLI, which no longer hands it the options of
 * `Pulumi.yaml` as flags. Without this one, each program loads TypeScript, which a released CLI spares it.
 */
const LANGUAGE_HOST = "pulumi-language-nodejs";
const languageHost = (programs: string) => `#!/bin/sh
if grep -q "typescript: *false" Pulumi.yaml 2>/dev/null; then set -- -typescript=false "$@"; fi
exec '${join(programs, LANGUAGE_HOST)}' "$@"
`;

/** What an earlier run got; a build counts too, for it says that the release could not be had here. */
function findCached(): PulumiCli | undefined {
  const downloaded = join(cacheFolder(), DOWNLOAD_NAME, DOWNLOADED_BIN);
  if (existsSync(downloaded)) return { binDir: downloaded, version: VERSION, source: "download" };
  const built = join(cacheFolder(), builtName());
  if (existsSync(built)) return { binDir: built, version: VERSION, source: "built" };
  return undefined;
}

async function download(): Promise<PulumiCli | undefined> {
  const failure = join(cacheFolder(), `${DOWNLOAD_NAME}.failed`);
  const failedAt = statSync(failure, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - failedAt < TRY_DOWNLOAD_AGAIN_AFTER_MS) return undefined;
  say(`Downloading the Pulumi CLI ${VERSION}…`);
  try {
    const folder = await madeOnce(DOWNLOAD_NAME, (draft) => fetchRelease(VERSION, draft));
    return { binDir: join(folder, DOWNLOADED_BIN), version: VERSION, source: "download" };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    say(`The download failed (${error.message}); it is tried again in six hours at the earliest.`);
    mkdirSync(dirname(failure), { recursive: true });
    writeFileSync(failure, `${error.message}\n`);
    return undefined;
  }
}

async function build(): Promise<PulumiCli> {
  try {
    const programs = await madeOnce(programsName(), async (draft) => {
      say("Building the Pulumi CLI from Go modules, once for this machine; this takes about four minutes…");
      for (const program of PROGRAMS) await buildGoProgram(program, draft);
      copyFileSync(
        join(root, "node_modules/@pulumi/pulumi", DYNAMIC_PROVIDER),
        join(draft, DYNAMIC_PROVIDER),
      );
    });
    const binDir = await madeOnce(builtName(), async (draft) => {
      // The CLI warns of a language host that is not beside it, wherever a symbolic link leads.
      for (const name of ["pulumi", DYNAMIC_PROVIDER]) linkSync(join(programs, name), join(draft, name));
      writeFileSync(join(draft, LANGUAGE_HOST), languageHost(programs), { mode: 0o755 });
    });
    return { binDir, version: VERSION, source: "built" };
  } catch (error) {
    if (!(error instanceof GoBuildError)) throw error;
    throw new NoPulumiError(
      `The Pulumi CLI (${OLDEST} or newer) is not on PATH, could not be downloaded and could not be built. ` +
        `Install it (https://www.pulumi.com/docs/install/), or Go ${GO_VERSION} or newer. ${error.message}`,
      { cause: error },
    );
  }
}
