/** Builds commands from words and operators: lists, pipelines, groups, `if` and `for`. */
import { type Token, tokenize, type Word } from "./lexer.ts";
import { ShellSyntaxError } from "./syntax-error.ts";

export interface Redirect {
  /** Number of the file. */
  readonly file: number;
  readonly operator: "<" | ">" | ">>" | ">&";
  readonly target: Word;
}

export type Command = { readonly redirects: readonly Redirect[] } & (
  | {
      readonly kind: "simple";
      readonly assignments: readonly (readonly [name: string, value: Word])[];
      readonly words: readonly Word[];
    }
  | { readonly kind: "group"; readonly list: List; readonly subshell: boolean }
  | {
      readonly kind: "if";
      readonly branches: readonly (readonly [condition: List, body: List])[];
      readonly otherwise: List;
    }
  | { readonly kind: "for"; readonly variable: string; readonly words: readonly Word[]; readonly body: List }
);

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** Pipelines, each with the operator before it: `;` for always, `&&` and `||`. */
export type List = readonly { readonly after: ";" | "&&" | "||"; readonly pipeline: Pipeline }[];

const RESERVED = new Set(["then", "elif", "else", "fi", "do", "done", "}"]);

/** @throws ShellSyntaxError */
export function parse(text: string): List {
  const tokens = tokenize(text);
  const parser = new Parser(tokens);
  const list = parser.list();
  parser.end();
  // A shell reads the commands in words together with the line, before it runs anything.
  for (const part of tokens.flatMap((token) => (token.kind === "word" ? token.word : [])))
    if (part.kind === "command") parse(part.command);
  return list;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    if (this.#at < this.#tokens.length) this.#unexpected();
  }

  list(): List {
    const list: { after: ";" | "&&" | "||"; pipeline: Pipeline }[] = [];
    let after: ";" | "&&" | "||" = ";";
    for (;;) {
      this.#skipNewlines();
      if (this.#at >= this.#tokens.length || this.#operator === ")" || RESERVED.has(this.#keyword ?? "")) {
        if (after !== ";") this.#unexpected();
        return list;
      }
      list.push({ after, pipeline: this.#pipeline() });
      const operator = this.#operator;
      if (operator === "&&" || operator === "||") after = operator;
      else if (operator === ";" || operator === "\n") after = ";";
      else if (operator === "&") throw new ShellSyntaxError('unexpected "&"');
      else return list;
      this.#at++;
    }
  }

  #pipeline(): Pipeline {
    const negated = this.#takeKeyword("!");
    const commands = [this.#command()];
    while (this.#takeOperator("|")) {
      this.#skipNewlines();
      commands.push(this.#command());
    }
    return { negated, commands };
  }

  #command(): Command {
    if (this.#takeOperator("(")) {
      const list = this.list();
      if (!this.#takeOperator(")")) this.#unexpected();
      return { kind: "group", list, subshell: true, redirects: this.#redirects() };
    }
    if (this.#takeKeyword("{")) {
      const list = this.list();
      this.#needKeyword("}");
      return { kind: "group", list, subshell: false, redirects: this.#redirects() };
    }
    if (this.#takeKeyword("if")) return this.#if();
    if (this.#takeKeyword("for")) return this.#for();
    return this.#simple();
  }

  #if(): Command {
    const branches: (readonly [List, List])[] = [];
    do {
      const condition = this.list();
      this.#needKeyword("then");
      branches.push([condition, this.list()]);
    } while (this.#takeKeyword("elif"));
    const otherwise = this.#takeKeyword("else") ? this.list() : [];
    this.#needKeyword("fi");
    return { kind: "if", branches, otherwise, redirects: this.#redirects() };
  }

  #for(): Command {
    const variable = this.#keyword;
    if (variable === undefined || !/^[A-Za-z_]\w*$/.test(variable))
      throw new ShellSyntaxError("bad for loop variable");
    this.#at++;
    const words: Word[] = [];
    if (this.#takeKeyword("in"))
      for (let word = this.#takeWord(); word; word = this.#takeWord()) words.push(word);
    if (!this.#takeOperator(";")) this.#takeOperator("\n");
    this.#skipNewlines();
    this.#needKeyword("do");
    const body = this.list();
    this.#needKeyword("done");
    return { kind: "for", variable, words, body, redirects: this.#redirects() };
  }

  #simple(): Command {
    const assignments: (readonly [string, Word])[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const redirect = this.#redirect();
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      const word = this.#takeWord();
      if (word === undefined) break;
      const assignment = words.length === 0 ? assigned(word) : undefined;
      if (assignment) assignments.push(assignment);
      else words.push(word);
    }
    if (words.length === 0 && assignments.length === 0 && redirects.length === 0) this.#unexpected();
    return { kind: "simple", assignments, words, redirects };
  }

  #redirects(): Redirect[] {
    const found: Redirect[] = [];
    for (let one = this.#redirect(); one; one = this.#redirect()) found.push(one);
    return found;
  }

  #redirect(): Redirect | undefined {
    const match = /^(\d?)(<|>|>>|>&)$/.exec(this.#operator ?? "");
    if (match === null) return undefined;
    this.#at++;
    const target = this.#takeWord();
    if (target === undefined) return this.#unexpected();
    const [, file = "", operator = ""] = match;
    const known = operator === "<" || operator === ">" || operator === ">>" ? operator : ">&";
    return { file: file === "" ? (known === "<" ? 0 : 1) : Number(file), operator: known, target };
  }

  #takeWord(): Word | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "word") return undefined;
    this.#at++;
    return token.word;
  }

  get #operator(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.kind === "operator" ? token.operator : undefined;
  }

  /** The next word, if nothing in it is quoted. */
  get #keyword(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "word") return undefined;
    const [part, ...others] = token.word;
    return part?.kind === "text" && !part.quoted && others.length === 0 ? part.text : undefined;
  }

  #takeOperator(operator: string): boolean {
    if (this.#operator !== operator) return false;
    this.#at++;
    return true;
  }

  #takeKeyword(keyword: string): boolean {
    if (this.#keyword !== keyword) return false;
    this.#at++;
    return true;
  }

  #needKeyword(keyword: string): void {
    this.#skipNewlines();
    if (!this.#takeKeyword(keyword)) throw new ShellSyntaxError(`expecting "${keyword}"`);
  }

  #skipNewlines(): void {
    while (this.#operator === "\n") this.#at++;
  }

  #unexpected(): never {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new ShellSyntaxError("unexpected end of file");
    if (token.kind === "word") throw new ShellSyntaxError("unexpected word");
    throw new ShellSyntaxError(
      token.operator === "\n" ? "unexpected newline" : `unexpected "${token.operator}"`,
    );
  }
}

function assigned(word: Word): readonly [string, Word] | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== "text" || first.quoted) return undefined;
  const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(first.text);
  if (match === null) return undefined;
  return [match[1] ?? "", [{ ...first, text: match[2] ?? "" }, ...rest]];
}
