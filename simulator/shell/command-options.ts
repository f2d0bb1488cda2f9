/** Separates the options of a command from its other arguments, as getopt does. */
export interface Options {
  /** By letter or long name. An option without a value has "". */
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** The first option that the command does not know. */
  readonly unknown: string | undefined;
}

/**
 * @param spec letters, with a colon behind those that take a value: `rfd:`
 * @param long long names, with their letters: `{ force: "f" }`
 */
export function takeOptions(
  args: readonly string[],
  spec: string,
  long: Readonly<Record<string, string>> = {},
): Options {
  const values = new Map<string, string>();
  const operands: string[] = [];
  const takesValue = (letter: string): boolean => spec.includes(`${letter}:`);
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") {
      operands.push(...args.slice(index + 1));
      break;
    }
    const [, name, given] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name !== undefined) {
      const letter = long[name];
      if (letter === undefined) return { values, operands, unknown: arg };
      values.set(letter, given ?? (takesValue(letter) ? (args[++index] ?? "") : ""));
    } else if (/^-./s.test(arg)) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg.charAt(at);
        if (letter === ":" || !spec.includes(letter)) return { values, operands, unknown: `-${letter}` };
        if (!takesValue(letter)) values.set(letter, "");
        else {
          values.set(letter, at + 1 < arg.length ? arg.slice(at + 1) : (args[++index] ?? ""));
          break;
        }
      }
    } else operands.push(arg);
  }
  return { values, operands, unknown: undefined };
}
