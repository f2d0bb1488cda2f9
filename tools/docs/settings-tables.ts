/**
 * The tables of settings in docs/vm-settings.md, made of the code: docstrings say what a setting is, its unit, range and default;
 * what a change does follows from its cost. `node tools/docs/settings-tables.ts` writes them; a test compares.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { VM_COSTS } from "../../provider/resources/vm/life/costs.ts";
import { root } from "../setup/cache.mjs";

export const SETTINGS_PAGE = join(root, "docs/vm-settings.md");
const THEMES = join(root, "provider/resources/vm/settings");

/** A setting, or a property of one, as its docstring tells it. */
export interface DocumentedSetting {
  readonly name: string;
  readonly text: string;
}

/** The setting that entries of each form belong to. */
export const PART_OF: Readonly<Record<string, string>> = {
  DiskArgs: "disks",
  CdromArgs: "cdroms",
  FloppyArgs: "floppy",
  NetworkInterfaceArgs: "networkInterfaces",
  SerialPortArgs: "serialPorts",
  AutoStartArgs: "autoStart",
  WaitForArgs: "waitFor",
  CloudInitArgs: "cloudInit",
};

const IN_WORDS = {
  inPlace: "in place",
  powerCycle: "power cycle",
  replace: "replaces",
  ours: "nothing on the host",
} as const;
/** What a docstring must have that says more of such a cost. */
const MUST_SAY = { inPlace: /in place/, powerCycle: /power cycle/, replace: /replaces/, ours: /./ } as const;

/** Settings by the interface that documents them. */
export function documentedSettings(): ReadonlyMap<string, readonly DocumentedSetting[]> {
  const found = new Map<string, DocumentedSetting[]>();
  for (const file of readdirSync(THEMES)) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(THEMES, file), "utf8"),
      ts.ScriptTarget.Latest,
      true,
    );
    for (const statement of source.statements) {
      if (!ts.isInterfaceDeclaration(statement)) continue;
      const settings = statement.members.flatMap((member) =>
        ts.isPropertySignature(member)
          ? [{ name: member.name.getText(source), text: docstringOf(member) }]
          : [],
      );
      found.set(statement.name.text, settings);
    }
  }
  return found;
}

function docstringOf(member: ts.PropertySignature): string {
  const [doc] = ts.getJSDocCommentsAndTags(member);
  const comment = doc && ts.isJSDoc(doc) ? ts.getTextOfJSDocComment(doc.comment) : undefined;
  return (comment ?? "").replaceAll(/\s+/g, " ").trim();
}

/** The page with its tables as they are to be. @throws Error for a docstring that does not say what a change does. */
export function withTables(page: string): string {
  const settings = documentedSettings();
  return page.replaceAll(
    /(<!-- settings: (\w+)(?: only ([\w, ]+))? -->\n)[\s\S]*?(<!-- end of settings -->)/g,
    (_, begin: string, form: string, only: string | undefined, end: string) => {
      const all = settings.get(form);
      if (all === undefined) throw new Error(`No interface in ${THEMES} is called ${form}.`);
      const names = only?.split(/, */);
      const shown = names === undefined ? all : names.map((name) => settingCalled(name, all));
      return `${begin}\n${tableOf(form, shown)}\n\n${end}`;
    },
  );
}

function settingCalled(name: string, all: readonly DocumentedSetting[]): DocumentedSetting {
  const found = all.find((each) => each.name === name);
  if (found === undefined)
    throw new Error(`docs/vm-settings.md asks for the setting ${name}, which is not there.`);
  return found;
}

function tableOf(form: string, settings: readonly DocumentedSetting[]): string {
  const whole = PART_OF[form];
  const rows = settings.map((setting) => {
    const { meaning, usual, change } = partsOf(setting.text);
    return [`\`${setting.name}\``, meaning, usual, changeOf(setting.name, whole ?? setting.name, change)];
  });
  const head = whole === undefined ? "arg" : `property of \`${whole}\``;
  return [[head, "meaning, unit, range", "default", "a change"], ["---", "---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** What a docstring says of the setting, of its default, and of what a change does. */
function partsOf(text: string): {
  readonly meaning: string;
  readonly usual: string;
  readonly change: string;
} {
  const parts = { meaning: [] as string[], usual: [] as string[], change: [] as string[] };
  let now: "meaning" | "change" = "meaning";
  for (const sentence of text.split(/(?<=[.!])\s+(?=[A-Z`])/)) {
    if (/^For example/.test(sentence)) continue;
    if (/^Default/.test(sentence)) {
      parts.usual.push(sentence);
      continue;
    }
    if (/^(Chang|Cannot be changed|Another|A newer one|Growing)/.test(sentence)) now = "change";
    parts[now].push(sentence);
  }
  return {
    meaning: cellOf(parts.meaning),
    usual: parts.usual.length === 0 ? "–" : cellOf(parts.usual).replace(/^default:? /, ""),
    change: cellOf(parts.change).replace(/^chang(ed|ing it) /, ""),
  };
}

function cellOf(sentences: readonly string[]): string {
  const text = sentences.join(" ").replace(/\.$/, "");
  return /^([A-Z][a-z]|A [a-z])/.test(text) && !/^(CPUs?|VMware|Windows|Tools)\b/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}

function changeOf(name: string, setting: string, said: string): string {
  const cost = VM_COSTS[setting];
  if (typeof cost !== "string") {
    if (said === "") throw new Error(`The docstring of ${name} does not say what a change does.`);
    return said;
  }
  if (said === "") return IN_WORDS[cost];
  if (name === setting && !MUST_SAY[cost].test(said))
    throw new Error(`A change of ${name} is told as "${said}", and is: ${IN_WORDS[cost]}.`);
  return said;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(SETTINGS_PAGE, withTables(readFileSync(SETTINGS_PAGE, "utf8")));
}
