import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { runCommand } from "../../../tools/setup/command.ts";
import type { SimulatedHost } from "../../support/simulated-host.ts";
import { withFewerRuns } from "./fewer-runs.ts";
import { happenOnHost } from "./on-the-host.ts";
import { type ChangeStep, type CommandStep, type Step, stepsOf } from "./steps.ts";

/** Where a guide is followed. */
export interface Walk {
  /** The folder that the reader begins in. */
  readonly folder: string;
  /** What `npm install` brings. */
  readonly nodeModules: string;
  /** A folder with what the page downloads. */
  readonly downloads: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly host: SimulatedHost;
  /** Hosts beside it, by the names that the page gives them in `esxi:hosts`. */
  readonly named: Readonly<Record<string, SimulatedHost>>;
}

/** What pages write for a reader's own host, in commands. */
const EXAMPLE_HOST = "esxi.example.com";
const EXAMPLE_THUMBPRINT = "AB:CD:…";

/** Commands as in a terminal, but nobody is there to confirm, or to type the password that is asked for. */
const PRELUDE = `set -eo pipefail
pulumi() {
  local confirmed=()
  case "$*" in
    *--preview-only*) ;;
    up*|refresh*|destroy*) confirmed=(--yes --skip-preview --non-interactive --color never) ;;
    preview*) confirmed=(--non-interactive --color never) ;;
  esac
  case "$*" in
    "config set --secret"*) printf %s "$WALK_PASSWORD" | command pulumi "$@" ;;
    *) command pulumi "$@" "\${confirmed[@]}" </dev/null ;;
  esac
}
# Everything is installed already; what the page asks for must be among it.
npm() {
  test "$1" = install
  shift
  [ -e node_modules ] || ln -s "$WALK_MODULES" node_modules
  for name in "$@"; do test -f "node_modules/$name/package.json"; done
}
# A download brings what is there of that name.
curl() {
  local url="\${!#}"
  cp "$WALK_DOWNLOADS/\${url##*/}" .
}
if [ -f "$WALK_KEPT" ]; then
  kept=$WALK_KEPT
  unset $(compgen -e)
  source "$kept"
fi
trap '{ export -p; printf "cd %q\\n" "$PWD"; } > "$WALK_KEPT"' EXIT
`;

/** Does what the page says, step by step, and fails where it does not come out as the page says. */
export async function follow(page: string, markdown: string, walk: Walk): Promise<void> {
  for (const step of withFewerRuns(stepsOf(page, markdown))) {
    try {
      await take(step, walk);
    } catch (error) {
      if (error instanceof Error) error.message = `${page}:${step.line}: ${error.message}`;
      throw error;
    }
  }
}

async function take(step: Step, walk: Walk): Promise<void> {
  if (step.kind === "host") return await happen(step.text, walk);
  if (step.kind === "commands") return await runCommands(step, walk);
  const file = join(await currentFolder(walk), step.name);
  if (step.kind === "change") return await change(file, step);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, step.text);
}

/** `lab2: there are 3 machines` is of a host with a name. */
function happen(text: string, { host, named }: Walk): Promise<void> {
  const [, name = "", there = ""] = /^(\w+): (.*)$/.exec(text) ?? [];
  const one = named[name];
  return one === undefined ? happenOnHost(text, host) : happenOnHost(there, one);
}

/** What is typed, for the hosts of this walk. */
function onHosts(text: string, { host, named }: Walk): string {
  return text
    .split("\n")
    .map((line) => {
      const name = /esxi:hosts\.(\w+)\./.exec(line)?.[1] ?? "";
      const { url, thumbprint } = named[name] ?? host;
      return line
        .replaceAll(EXAMPLE_HOST, url)
        .replaceAll(`${name}.example.com`, url)
        .replaceAll(EXAMPLE_THUMBPRINT, thumbprint);
    })
    .join("\n");
}

async function change(file: string, { removed, added }: ChangeStep): Promise<void> {
  const before = await readFile(file, "utf8");
  expect(before.split(removed).length - 1, `how often the file has\n${removed}`).toBe(1);
  await writeFile(
    file,
    before.replace(removed, () => added),
  );
}

const keptBy = ({ folder }: Walk) => join(folder, ".walk");

/** The folder that the reader has changed to. */
async function currentFolder(walk: Walk): Promise<string> {
  const { stdout } = await bash(walk, "pwd");
  return stdout.trim();
}

async function runCommands({ text, fails, prints }: CommandStep, walk: Walk): Promise<void> {
  const script = onHosts(text, walk);
  const { code, stdout, stderr } = await bash(walk, script);
  const output = `${stdout}${stderr}`;
  expect(code === 0, `whether these commands succeed:\n${script}${output}`).toBe(!fails);
  // A file is shown line by line. Of what `pulumi` prints, a page shows the part that matters.
  const end = /^cat /m.test(text) ? "$" : "";
  for (const lines of prints) expectLines(output, lines, end);
}

function expectLines(output: string, lines: readonly string[], end: string): void {
  let rest = plain(output);
  for (const line of lines) {
    const at = new RegExp(plain(line).split("…").map(literally).join(".*?") + end, "m").exec(rest);
    expect(at, `"${line.trim()}" is not printed, or not in this place:\n${output}`).not.toBeNull();
    rest = rest.slice((at?.index ?? 0) + (at?.[0].length ?? 0));
  }
}

const literally = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");

/** Columns are as wide as what else stands in them. */
const plain = (text: string): string => text.replaceAll(/[^\S\n]+/g, " ").replaceAll(/^ | $/gm, "");

function bash(walk: Walk, script: string) {
  return runCommand("bash", ["-c", `${PRELUDE}${script}`], {
    cwd: walk.folder,
    env: {
      ...walk.environment,
      WALK_KEPT: keptBy(walk),
      WALK_DOWNLOADS: walk.downloads,
      WALK_MODULES: walk.nodeModules,
      WALK_PASSWORD: walk.host.password,
    },
    timeoutMs: 180_000,
  });
}
