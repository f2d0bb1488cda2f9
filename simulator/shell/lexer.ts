/** Splits a command line into words and operators, with the quoting rules of a POSIX shell. */
import { ShellSyntaxError } from "./syntax-error.ts";

/** A piece of a word. A quoted piece is neither split nor matched against file names. */
type WordPart =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "variable"; readonly name: string; readonly quoted: boolean }
  | { readonly kind: "command"; readonly command: string; readonly quoted: boolean };

export type Word = readonly WordPart[];

export type Token =
  | { readonly kind: "word"; readonly word: Word }
  | { readonly kind: "operator"; readonly operator: string };

const OPERATORS = ["&&", "||", ">>", ">&", "<&", ";", "|", "&", "<", ">", "(", ")", "\n"];

export function tokenize(text: string): Token[] {
  return new Lexer(text).tokens();
}

class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  tokens(): Token[] {
    const tokens: Token[] = [];
    while (this.#at < this.#text.length) {
      if (this.#takes("\\\n")) continue;
      if (/[ \t]/.test(this.#char)) this.#at++;
      else if (this.#char === "#") this.#skipComment();
      else {
        const operator = this.#operator();
        if (operator !== undefined) tokens.push({ kind: "operator", operator });
        else tokens.push({ kind: "word", word: this.#word() });
      }
    }
    return tokens;
  }

  get #char(): string {
    return this.#text[this.#at] ?? "";
  }

  #skipComment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #takes(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** An operator, perhaps with the number of a file before it: `2>`, `2>&`. */
  #operator(): string | undefined {
    const file = /^\d(?=[<>])/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    const found = OPERATORS.find((one) => this.#text.startsWith(one, this.#at + file.length));
    if (found === undefined) return undefined;
    if (this.#text.startsWith("<<", this.#at + file.length))
      throw new ShellSyntaxError("unexpected redirection");
    this.#at += file.length + found.length;
    return file + found;
  }

  #word(): Word {
    const parts: WordPart[] = [];
    const add = (text: string, quoted: boolean): void => {
      const last = parts.at(-1);
      if (last?.kind === "text" && last.quoted === quoted)
        parts[parts.length - 1] = { ...last, text: last.text + text };
      else parts.push({ kind: "text", text, quoted });
    };
    while (this.#at < this.#text.length && !/[ \t\n;&|<>()]/.test(this.#char)) {
      if (this.#takes("'")) add(this.#until("'"), true);
      else if (this.#takes('"')) this.#doubleQuoted(parts, add);
      else if (this.#takes("\\")) {
        // At the end of the text it stands for itself.
        if (!this.#takes("\n")) add(this.#text[this.#at++] ?? "\\", true);
      } else if (!this.#expansion(parts, false)) add(this.#text[this.#at++] ?? "", false);
    }
    return parts;
  }

  #doubleQuoted(parts: WordPart[], add: (text: string, quoted: boolean) => void): void {
    add("", true);
    while (!this.#takes('"')) {
      if (this.#at >= this.#text.length) throw new ShellSyntaxError("unterminated quoted string");
      if (this.#char === "\\" && /[$`"\\\n]/.test(this.#text[this.#at + 1] ?? "")) {
        const escaped = this.#text[this.#at + 1] ?? "";
        this.#at += 2;
        if (escaped !== "\n") add(escaped, true);
      } else if (!this.#expansion(parts, true)) add(this.#text[this.#at++] ?? "", true);
    }
  }

  /** `$name`, `${name}`, `$?`, `$(command)` and `` `command` ``. @returns false if there is none here */
  #expansion(parts: WordPart[], quoted: boolean): boolean {
    if (this.#takes("`")) {
      parts.push({ kind: "command", command: this.#backquoted(quoted), quoted });
      return true;
    }
    if (this.#takes("$(")) {
      parts.push({ kind: "command", command: this.#balanced(), quoted });
      return true;
    }
    const name = /^\$(?:\{(\w+|[-?#$!@*])\}|([A-Za-z_]\w*|\d|[-?#$!@*]))/.exec(this.#text.slice(this.#at));
    if (name) {
      this.#at += name[0].length;
      parts.push({ kind: "variable", name: name[1] ?? name[2] ?? "", quoted });
      return true;
    }
    if (this.#text.startsWith("${", this.#at)) throw new ShellSyntaxError("bad substitution");
    return false;
  }

  #until(end: string): string {
    const close = this.#text.indexOf(end, this.#at);
    if (close < 0) throw new ShellSyntaxError("unterminated quoted string");
    const text = this.#text.slice(this.#at, close);
    this.#at = close + 1;
    return text;
  }

  /** Up to the next backquote. Before one of these characters, a backslash only keeps it from having a meaning here. */
  #backquoted(inDoubleQuotes: boolean): string {
    const escapable = inDoubleQuotes ? /[$`"\\]/ : /[$`\\]/;
    for (let text = ""; ; this.#at++) {
      if (this.#at >= this.#text.length) throw new ShellSyntaxError("unterminated quoted string");
      if (this.#takes("`")) return text;
      if (this.#char === "\\" && escapable.test(this.#text[this.#at + 1] ?? "")) this.#at++;
      text += this.#char;
    }
  }

  /** Up to the parenthesis that closes `$(`. */
  #balanced(): string {
    const start = this.#at;
    for (let depth = 1; ; this.#at++) {
      if (this.#at >= this.#text.length) throw new ShellSyntaxError("unterminated command substitution");
      if (this.#char === "\\") this.#at++;
      else if (this.#char === "'") this.#at = this.#closing("'");
      else if (this.#char === '"') this.#at = this.#closingDouble();
      else if (this.#char === "(") depth++;
      else if (this.#char === ")" && --depth === 0) return this.#text.slice(start, this.#at++);
    }
  }

  #closingDouble(): number {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text[at] === "\\") at++;
      else if (this.#text[at] === '"') return at;
    }
    throw new ShellSyntaxError("unterminated quoted string");
  }

  #closing(quote: string): number {
    const close = this.#text.indexOf(quote, this.#at + 1);
    if (close < 0) throw new ShellSyntaxError("unterminated quoted string");
    return close;
  }
}
