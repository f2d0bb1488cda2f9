/** The TypeScript compiler as the checks of the docs use it. */
import { join } from "node:path";
import ts from "typescript";
import { root } from "../../tools/setup/cache.mjs";

const parsed = new Map<string, ts.SourceFile | undefined>();

/** Reads each file once, whatever the number of programs. */
export function compilerHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...rest) => {
    if (!parsed.has(file)) parsed.set(file, getSourceFile(file, ...rest));
    return parsed.get(file);
  };
  return host;
}

/** The compiler's options of this checkout. */
export function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const { tsBuildInfoFile: _, ...kept } = options;
  return { ...kept, noEmit: true, incremental: false };
}
