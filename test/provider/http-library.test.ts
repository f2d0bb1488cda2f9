import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { Agent, buildConnector, errors } from "../../provider/http-library.ts";

const require = createRequire(import.meta.url);

test("what talks to a host is undici's own, without the rest of it", () => {
  const loaded = Object.keys(require.cache).filter((file) => file.includes("/undici/"));
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((file) => /\/(mock|fetch|cache|websocket)\//.test(file))).toEqual([]);
  const whole: typeof import("undici") = require("undici");
  expect(Agent).toBe(whole.Agent);
  expect(buildConnector).toBe(whole.buildConnector);
  expect(errors).toBe(whole.errors);
});
