import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readIso } from "../support/iso-reader.ts";
import { type Lab, openLab, succeeded } from "../support/lab.ts";
import { buildOva } from "../support/ova-builder.ts";

const PROPERTIES = `<ProductSection><Info>Settings</Info>
  <Property ovf:key="admin-password" ovf:type="string" ovf:password="true" ovf:userConfigurable="true"/>
</ProductSection>`;

/** The document on the CD of a machine. */
async function onCd({ host }: Lab, name: string): Promise<string> {
  const devices = host.vm(name).config.hardware.device ?? [];
  const media = devices.flatMap(({ backing }) =>
    backing && "fileName" in backing && String(backing.fileName).endsWith(".iso")
      ? [String(backing.fileName)]
      : [],
  );
  expect(media).toHaveLength(1);
  const { labels, files } = readIso(await readFile(host.simulator.localFile(media[0] ?? "")));
  expect(labels).toEqual(["OVF ENV", "OVF ENV"]);
  return files["ovf-env.xml"] ?? "";
}

test("a guest that looks at a CD only has its properties there, in clear nowhere else, until it goes", {
  timeout: 180_000,
}, async (context) => {
  const lab = await openLab(context);
  const { host, project } = lab;
  const ova = buildOva({ sections: PROPERTIES, transport: "iso" }).ova;
  const ovaPath = await project.write("router.ova", ova);
  const vm = (password: string, ovfTransport?: "iso") => ({
    ovaPath,
    properties: { "admin-password": password },
    ...(ovfTransport && { ovfTransport }),
  });
  const isos = async () => (await host.contents()).files.filter((file) => file.endsWith(".iso"));
  const [kept, without] = [vm("first-Word-4821", "iso"), vm("first-Word-4821")];

  await project.declare({ router: kept, leaving: kept, kept, without });
  const { diagnostics } = succeeded(await project.up());
  const about = (name: string) =>
    diagnostics.flatMap((told) => (told.name === name ? [told.message] : [])).join("\n");
  expect(about("without")).toContain('ovfTransport: "iso"');
  for (const name of ["router", "leaving", "kept"]) {
    expect(about(name)).not.toContain("a CD only");
    expect(await onCd(lab, name)).toContain("first-Word-4821");
  }
  expect(await isos()).toHaveLength(3);
  await host.expectVms(...["kept", "leaving", "router", "without"].map((name) => `${name}: poweredOn`));

  // Looks first: what was not changed is the same after a refresh too.
  await project.declare({ router: vm("second-Word-9357", "iso"), kept, without });
  const changed = succeeded(await project.start("up", { args: ["--refresh"] }).result);
  expect(changed.steps).toEqual({
    refresh: ["kept", "leaving", "router", "without"],
    same: ["kept", "without"],
    update: ["router"],
    delete: ["leaving"],
  });
  expect(await onCd(lab, "router")).toContain("second-Word-9357");
  expect(await onCd(lab, "kept")).toContain("first-Word-4821");
  expect(await isos()).toHaveLength(2);
  const state = JSON.stringify([...(await project.vmsInState()).values()]);
  expect([...project.said, state].filter((text) => /(first|second)-Word/.test(text))).toEqual([]);
  await host.expectVms("kept: poweredOn", "router: poweredOn", "without: poweredOn");
});
