import { describe, expect, test } from "vitest";
import { failed, sharedLab, succeeded } from "../support/lab.ts";
import { virtualBoxExport } from "../support/virtualbox-export.ts";

describe("an OVA that VirtualBox has exported", { timeout: 120_000 }, () => {
  const lab = sharedLab();

  test("is refused at preview with all obstacles, and with relax each change is told and the machine starts", async (context) => {
    const { host, project } = await lab(context);
    const ova = virtualBoxExport({ sound: true, cdroms: [{ on: "ide", at: 1 }], adapters: ["virtio"] });
    const ovaPath = await project.write("box.ova", ova);
    const args = { ovaPath, ovfNetworkMap: { NAT: "VM Network" } };
    await project.declare({ box: args });
    const refused = failed(await project.preview()).diagnostics.map(({ message }) => message);
    for (const text of [
      "virtualbox-2.2",
      "is of the type AHCI",
      "is of the type virtio",
      "sound card",
      "With relax: true",
    ]) {
      expect(refused.filter((message) => message.includes(text))).toHaveLength(1);
    }
    await host.expectEmpty();

    await project.declare({ box: { ...args, relax: true } });
    for (const operation of ["preview", "up"] as const) {
      const { diagnostics } = succeeded(await project[operation]());
      const warned = diagnostics.filter(({ severity }) => severity === "warning");
      expect(new Set(warned.map(({ name }) => name)), operation).toEqual(new Set(["box"]));
      expect(warned.map(({ message }) => message).join("\n"), operation).toMatch(
        /changed for the host by relax: .*box\.ova, line \d+: its hardware is of the family virtualbox-2\.2/,
      );
    }
    expect((await host.contents()).vms).toEqual(["box: poweredOn"]);
    expect(Object.keys(succeeded(await project.preview()).steps)).toEqual(["same"]);
  });
});
