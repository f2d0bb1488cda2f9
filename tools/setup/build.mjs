import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./cache.mjs";
import { run } from "./child.mjs";
import { withLock } from "./lock.mjs";

const SOURCES = [
  "provider",
  "schema",
  "tsconfig.json",
  "tsconfig.build.json",
  "tools/setup/bundle.mjs",
  "package-lock.json",
];
const STAMP = join(root, "dist/.sources");
const MAIN = join(root, "dist/provider/index.js");
const TYPES = join(root, "dist/provider/index.d.ts");
const BUILD_INFO = join(root, "dist/build.tsbuildinfo");

/** Makes dist/ of provider/ and schema/, types and code, unless it is made of exactly these sources already. */
export async function build(lockFile) {
  if (isBuiltFrom(describeSources())) return { code: 0, signal: null };
  return withLock(lockFile, async () => {
    const sources = describeSources();
    if (isBuiltFrom(sources)) return { code: 0, signal: null };
    process.stderr.write("Building…\n");
    rmSync(STAMP, { force: true });
    // tsc looks at its record only, and would not write a lost file again.
    if (!existsSync(TYPES)) rmSync(BUILD_INFO, { force: true });
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const types = await run("node", [tsc, "-p", "tsconfig.build.json"], { cwd: root });
    if (types.code !== 0) return types;
    removeLeftOvers(join(root, "dist"), root);
    const code = await run("node", [join(root, "tools/setup/bundle.mjs")], { cwd: root });
    if (code.code === 0) writeFileSync(STAMP, sources);
    return code;
  });
}

/** Whether dist/ is made of exactly the sources that are there now. */
export function isBuilt() {
  return isBuiltFrom(describeSources());
}

function isBuiltFrom(sources) {
  return existsSync(MAIN) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === sources;
}

/** A digest of every source's path, size and time: anything touched, added or removed changes it. */
function describeSources() {
  const hash = createHash("sha256");
  const visit = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) {
      hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
      return;
    }
    for (const name of readdirSync(join(root, path)).sort()) visit(join(path, name));
  };
  for (const source of SOURCES) visit(source);
  return hash.digest("hex");
}

/** Deletes what may not get into the package: declarations whose source is gone, and all code, which is made anew. */
function removeLeftOvers(built, sources) {
  for (const entry of readdirSync(built, { withFileTypes: true })) {
    const path = join(built, entry.name);
    if (entry.isDirectory()) {
      removeLeftOvers(path, join(sources, entry.name));
      continue;
    }
    const stem = /^(.+)\.d\.ts$/.exec(entry.name)?.[1];
    const isOrphan = stem !== undefined && !existsSync(join(sources, `${stem}.ts`));
    if (isOrphan || /\.js(\.map)?$/.test(entry.name)) rmSync(path);
  }
}
