import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { pulumiEnvironment } from "../../../tools/cli/environment.ts";

test("a backend is found in a folder of any name", () => {
  const backend = "/home/jürgen/100% labs #1/.demo/backend";
  const { PULUMI_BACKEND_URL: url = "" } = pulumiEnvironment({
    binDir: "/bin",
    home: "/home",
    backend,
    passphrase: "p",
  });
  expect(fileURLToPath(url)).toBe(backend);
});
