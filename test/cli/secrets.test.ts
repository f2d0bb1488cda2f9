import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { OptionValue } from "../../schema/index.ts";
import { failed, openLab, succeeded } from "../support/lab.ts";
import { buildOva } from "../support/ova-builder.ts";
import { RECORDED } from "../support/simulated-host.ts";

const PROPERTIES = `<ProductSection><Info>Settings</Info>
  <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true"/>
  <Property ovf:key="admin-password" ovf:type="string" ovf:password="true" ovf:userConfigurable="true" ovf:qualifiers="MinLen(8)"/>
</ProductSection>`;

/** What must not be found in clear, by what it is. */
const VALUES = {
  hostname: "quiet-Hostname-5531",
  password: "AdminWord-9072",
  changed: "Other-Word-4410",
  short: "sEcr-8",
};

test("no password, session or property value is left in clear by runs that pass or fail", {
  timeout: 180_000,
}, async (context) => {
  const { host, project } = await openLab(context, { simulator: RECORDED });
  const ovaPath = await project.write("app.ova", buildOva({ sections: PROPERTIES }).ova);
  const declare = (adminPassword: string) =>
    project.declare({
      app: { ovaPath, properties: { hostname: VALUES.hostname, "admin-password": adminPassword } },
    });
  const sessions = new Set<string>();
  const watched = async (run: ReturnType<typeof project.start>) => {
    const watch = setInterval(() => {
      for (const { cookie } of host.simulator.sessions()) sessions.add(cookie);
    }, 5);
    try {
      return await run.result;
    } finally {
      clearInterval(watch);
    }
  };

  await declare(`<&>${VALUES.password}`);
  succeeded(await watched(project.start("up", { args: ["--diff"] })));
  expect(ovfEnvironment(host.vm("app").config.extraConfig)).toContain(`&lt;&amp;&gt;${VALUES.password}`);
  await declare(VALUES.changed);
  host.simulator.faults.add({
    method: "ReconfigVM_Task",
    count: 1,
    action: { taskFault: "ConcurrentAccess", message: "Somebody else is at it." },
  });
  failed(await watched(project.start("up")));
  succeeded(await watched(project.start("up")));
  expect(ovfEnvironment(host.vm("app").config.extraConfig)).toContain(VALUES.changed);
  await declare(VALUES.short);
  const refused = failed(await watched(project.start("preview", { args: ["--diff"] })));
  expect(refused.output).toContain("admin-password");
  succeeded(await watched(project.start("destroy")));
  await host.expectEmpty();

  expect(sessions.size).toBe(5);
  const clear = [host.password, ...Object.values(VALUES), ...sessions];
  const places = new Map([
    ["what pulumi printed", project.said.join("\n")],
    ["the simulator's recording", await readFile(host.recording, "utf8")],
    ...(await filesBelow(project.backend)),
    ...(await filesBelow(project.home)),
  ]);
  const found = [...places].flatMap(([place, text]) =>
    clear.filter((value) => text.includes(value)).map((value) => `${value} in ${place}`),
  );
  expect(found).toEqual([]);
  expect([...places.keys()].filter((place) => place.endsWith(".json")).length).toBeGreaterThan(4);
});

function ovfEnvironment(options: readonly OptionValue[] | undefined): string {
  return String(options?.find(({ key }) => key === "guestinfo.ovfEnv")?.value);
}

async function filesBelow(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => [file, await readFile(file, "utf8")]),
  );
}
