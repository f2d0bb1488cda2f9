import path from "node:path";
import * as v from "valibot";
import type { Context, DiffResult, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { isIgnored } from "../frame/pulumi-options/ignore-changes.ts";
import { replacedByOption } from "../frame/pulumi-options/replace-on-changes.ts";
import { checkInputs, isUnknown, parseInputs, UNKNOWN } from "../inputs/check-inputs.ts";
import { name, text, unknownSetting } from "../inputs/setting-forms.ts";
import {
  clearUnfinished,
  digestOf,
  type LocalFile,
  LocalFileError,
  lookAt,
  removeFile,
  setMode,
  writeWhole,
} from "./local-file.ts";

const schema = v.strictObject(
  {
    path: v.pipe(
      name,
      v.check((file) => !file.includes("\0"), "must not have a character NUL"),
      v.check(
        (file) => !/^~(?:[/\\]|$)/.test(file),
        "~ means a home folder in a shell only: write the whole path",
      ),
      v.check((file) => !/[/\\]$/.test(file), "must name a file, not a folder"),
    ),
    content: v.pipe(
      text,
      v.check(
        (content) => !/\p{Surrogate}/u.test(content),
        "has half a character (a lone surrogate), which UTF-8 cannot hold",
      ),
    ),
    mode: v.optional(
      v.pipe(
        text,
        v.regex(/^0?[0-7]{3}$/, 'must be three octal digits in quotes, such as "640"'),
        v.transform((mode) => mode.slice(-3)),
        v.check((mode) => /^[4-7]/.test(mode), "must let you read the file: its first digit is 4, 5, 6 or 7"),
      ),
      "644",
    ),
    sha256: v.optional(v.string()),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

/** The lifecycle of {@link TextFile}, in the dynamic-provider process. */
export const textFile: Lifecycle = {
  async check(_olds, news) {
    const { inputs, failures } = checkInputs(schema, news, []);
    const { content } = news;
    // The digest does not come from the program. With ignoreChanges the content is that of the last run.
    const sha256 = typeof content === "string" && !isUnknown(content) ? digestOf(content) : UNKNOWN;
    return { inputs: { ...inputs, sha256 }, failures };
  },

  async diff(_id, olds, news, { progress, isRefresh = false }) {
    const changed = changesOf(olds, news);
    const replaces = changed.filter((key) => key === "path");
    const byOption = replacedByOption(changed, olds, news, []);
    const result: DiffResult = {
      changes: changed.length > 0,
      replaces: [...new Set([...replaces, ...byOption])],
      deleteBeforeReplace: true,
    };
    if (changed.length === 0) return result;
    if (isRefresh)
      progress.info(`changed on this machine: ${changed.map((key) => told(key, news, olds)).join(", ")}`);
    else {
      const how = result.replaces.length > 0 ? "replace" : "update in place";
      progress.info(`${how}: ${changed.map((key) => told(key, olds, news)).join(", ")}`);
    }
    return result;
  },

  async create(inputs, context) {
    const settings = parseInputs(schema, inputs, []);
    const file = placeOf(settings.path, context);
    const there = await lookAt(file);
    if (there !== undefined && there.sha256 !== digestOf(settings.content)) {
      throw new LocalFileError(
        `There is a file ${file} on this machine already, with other content, so it is not overwritten. Move it ` +
          "away, or choose another path. If an earlier run of this stack made it and the state is lost, delete it.",
      );
    }
    return { id: settings.path, outs: await write(settings, inputs, there, context) };
  },

  async read(id, props, context) {
    const there = await lookAt(placeOf(props.path, context));
    if (there === undefined) return {};
    return { id, props: { ...props, sha256: there.sha256, mode: modeText(there, props) } };
  },

  async update(_id, olds, news, context) {
    const settings = parseInputs(schema, news, []);
    const there = await lookAt(placeOf(settings.path, context));
    const isWritten = there?.sha256 === digestOf(settings.content);
    if (there !== undefined && isIgnored("content", news)) {
      await changeMode(settings, there, context);
      return { outs: outputsOf({ ...settings, sha256: there.sha256 }, news) };
    }
    // A run that was killed just before its end has written it already.
    if (!isWritten) refuseChanged(there, olds, context, "written");
    return { outs: await write(settings, news, there, context) };
  },

  async delete(_id, props, context) {
    const file = placeOf(props.path, context);
    refuseChanged(await lookAt(file), props, context, "deleted");
    await removeFile(file, String(props.__urn));
  },
};

function changesOf(olds: Properties, news: Properties): string[] {
  const compared = { path: "path", sha256: "content", mode: "mode" } as const;
  return Object.entries(compared).flatMap(([key, setting]) => {
    const isSame = olds[key] === news[key];
    return isSame || isIgnored(setting, news) ? [] : [setting];
  });
}

/** The content may be a secret, or long, so it is not shown. */
function told(setting: string, before: Properties, after: Properties): string {
  const values = [before[setting], after[setting]];
  return setting === "content" || values.some(isUnknown) ? setting : `${setting} ${values.join(" → ")}`;
}

/** @throws LocalFileError if somebody has changed the file since Pulumi looked last */
function refuseChanged(
  there: LocalFile | undefined,
  props: Properties,
  context: Context,
  done: string,
): void {
  if (there === undefined || (there.sha256 !== "" && there.sha256 === props.sha256)) return;
  const file = placeOf(props.path, context);
  if (there.sha256 === "") {
    throw new LocalFileError(
      `${file} is no plain file any more, so it is not ${done}. Move what is there away, and run the same again.`,
    );
  }
  throw new LocalFileError(
    `Somebody has changed ${file} on this machine since Pulumi looked last, so it is not ${done}. Run ` +
      "`pulumi refresh`, which reads the file again, and then the same as now. Or take it out of state with " +
      "`pulumi state delete`.",
  );
}

async function write(
  settings: Settings,
  inputs: Properties,
  there: LocalFile | undefined,
  context: Context,
): Promise<Properties> {
  const { content } = settings;
  const sha256 = digestOf(content);
  const file = placeOf(settings.path, context);
  const owner = String(inputs.__urn);
  if (there?.sha256 === sha256) {
    await clearUnfinished(file, owner);
    await changeMode(settings, there, context);
  } else {
    context.progress.status("writing");
    const mode = Number.parseInt(settings.mode, 8);
    await writeWhole(file, { content, mode, owner }, there !== undefined);
  }
  return outputsOf({ ...settings, sha256 }, inputs);
}

async function changeMode(settings: Settings, there: LocalFile, context: Context): Promise<void> {
  if (modeText(there, settings) !== settings.mode)
    await setMode(placeOf(settings.path, context), Number.parseInt(settings.mode, 8));
}

/** Without the content, because state has it among the inputs. */
const outputsOf = ({ path: file, mode, sha256 }: Settings, { __urn }: Properties): Properties => ({
  path: file,
  mode,
  sha256,
  __urn,
});

const placeOf = (file: unknown, { projectFolder }: Context): string =>
  path.resolve(projectFolder, String(file));

/** Windows does not have such modes, so the mode counts as desired there. */
const modeText = ({ mode }: LocalFile, wanted: { readonly mode?: unknown }): string =>
  process.platform === "win32" ? String(wanted.mode) : mode.toString(8).padStart(3, "0");
