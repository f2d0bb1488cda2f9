import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readIso } from "../support/iso-reader.ts";
import { type Lab, openLab, succeeded } from "../support/lab.ts";
import { buildOva } from "../support/ova-builder.ts";

const PROPERTIES = `<ProductSection><Info>Settings</Info>
  <Property ovf:key="admin-password" ovf:type="string" ovf:password="true" ovf:userConfigurable="true"/>
</ProductSection>`;

/** The document on the CD of the router. */
async function onCd({ host }: Lab): Promise<string> {
  const devices = host.vm("router").config.hardware.device ?? [];
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
  const declare = (password: string, ovfTransport?: "iso") =>
    project.declare({
      router: { ovaPath, properties: { "admin-password": password }, ...(ovfTransport && { ovfTransport }) },
    });

  await declare("first-Word-4821");
  expect(succeeded(await project.start("preview").result).output).toContain('ovfTransport: "iso"');

  await declare("first-Word-4821", "iso");
  expect(succeeded(await project.start("preview").result).output).not.toContain("a CD only");
  succeeded(await project.up());
  expect(await onCd(lab)).toContain("first-Word-4821");
  await host.expectVms("router: poweredOn");
  succeeded(await project.refresh());
  expect(succeeded(await project.up()).steps).toEqual({ same: ["router"] });

  await declare("second-Word-9357", "iso");
  expect(succeeded(await project.up()).steps).toEqual({ update: ["router"] });
  expect(await onCd(lab)).toContain("second-Word-9357");
  const isos = (await host.contents()).files.filter((file) => file.endsWith(".iso"));
  expect(isos).toHaveLength(1);
  const state = JSON.stringify([...(await project.vmsInState()).values()]);
  expect([...project.said, state].filter((text) => /(first|second)-Word/.test(text))).toEqual([]);

  succeeded(await project.destroy());
  await host.expectEmpty();
});
