import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { ensureNpmTool } from "../../../tools/prerequisites/npm-tool.ts";

afterEach(() => vi.unstubAllEnvs());

test("a tool that npm cannot fetch is missing, and npm's reason is told", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "npm-tool-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const registry = createServer((_request, response) => response.writeHead(503).end());
  context.onTestFinished(() => void registry.close());
  registry.listen(0, "127.0.0.1");
  await once(registry, "listening");
  vi.stubEnv("PULUMI_ESXI_CACHE", join(folder, "tools"));
  vi.stubEnv("npm_config_cache", join(folder, "npm"));
  vi.stubEnv("npm_config_fetch_retries", "0");
  vi.stubEnv("npm_config_registry", `http://127.0.0.1:${(registry.address() as AddressInfo).port}`);

  expect(await ensureNpmTool("bun")).toEqual({
    available: false,
    reason: expect.stringMatching(/^bun could not be installed from npm: 503 /),
  });
});
