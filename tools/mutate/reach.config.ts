import { defineConfig } from "vitest/config";
import config from "../../vitest.config.ts";

export default defineConfig({
  ...config,
  test: {
    ...config.test,
    maxWorkers: 2,
    setupFiles: ["tools/mutate/reach-setup.ts"],
    reporters: ["dot"],
  },
});
