// Makes a few files of the package's code: Pulumi starts new processes for every command, and loading two hundred
// modules one by one would take them longer than a host takes to answer.
import { build } from "rolldown";

/** What a user's program imports, and what Pulumi's provider process loads: two processes that share no module. */
const ENTRIES = ["provider/index.ts", "provider/runtime.ts"];

for (const input of ENTRIES) {
  await build({
    input,
    platform: "node",
    tsconfig: "tsconfig.build.json",
    // Dependencies stay what npm installs.
    external: /^[^./]/,
    output: {
      dir: "dist/provider",
      format: "esm",
      sourcemap: true,
      // A stack names a file of this repository and its line. The text of that file would nearly double the package.
      sourcemapExcludeSources: true,
      chunkFileNames: "chunks/[name].js",
      // Apart, so that the package can leave out its source map.
      codeSplitting: { groups: [{ name: "schema", test: /[\\/]schema[\\/]/ }] },
    },
  });
}
