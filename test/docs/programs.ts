import { join } from "node:path";
import ts from "typescript";
import { root } from "../../tools/setup/cache.mjs";
import { compilerHost, compilerOptions } from "./compiler.ts";
import type { Example } from "./fences.ts";
import { publicNames } from "./public-api.ts";

/**
 * The example as a whole program: what it uses and does not import is imported. Line numbers stay.
 */
export function programOf({ code }: Example): string {
  const used = (name: string) => new RegExp(`(?<![.\\w$])${name}\\b`).test(code);
  const names = /from "pulumi-esxi-direct"/.test(code) ? [] : publicNames().filter(used);
  const imports = [
    names.length > 0 ? `import { ${names.join(", ")} } from "pulumi-esxi-direct";` : "",
    used("pulumi") && !/from "@pulumi\/pulumi"/.test(code) ? 'import * as pulumi from "@pulumi/pulumi";' : "",
  ];
  return `${imports.join("")}export {};${code}`;
}

/** What the compiler finds wrong with the examples, each with the line of the page it is on. */
export function typeErrors(examples: readonly Example[]): string[] {
  const programs = new Map(
    examples.map((example, index) => [join(root, "test/docs", `example-${index}.ts`), example]),
  );
  const options = compilerOptions();
  const host = compilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (file) => programs.has(file) || fileExists(file);
  host.getSourceFile = (file, target, ...rest) => {
    const example = programs.get(file);
    if (example === undefined) return getSourceFile(file, target, ...rest);
    return ts.createSourceFile(file, programOf(example), target);
  };
  const program = ts.createProgram([...programs.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, " ");
    const example = file && programs.get(file.fileName);
    if (!file || !example) return message;
    const [page = "", line] = example.where.split(":");
    return `${page}:${Number(line) + file.getLineAndCharacterOfPosition(start).line}: ${message}`;
  });
}
