import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLab, succeeded } from "../support/lab.ts";
import { declareResources } from "./declared-program.ts";

const PASSWORD = "geheim-Word-7713";

test("a preview knows the MAC address, and a guest's password is in clear nowhere", {
  timeout: 180_000,
}, async (context) => {
  const lab = await openLab(context);
  const { host, project } = lab;
  const declare = (hostname: string) =>
    declareResources(lab, {
      web: {
        kind: "ScratchVm",
        args: {
          networkInterfaces: [{ network: "VM Network" }],
          guest: {
            hostname,
            interfaces: [{ addresses: ["10.46.3.17/24"], gateway: "10.46.3.1" }],
            users: [{ name: "alice", password: PASSWORD }],
          },
          powerOn: false,
        },
      },
    });
  await declare("web");
  const previewed = succeeded(await project.start("preview", { args: ["--diff"] }).result);
  expect(previewed.output).toContain("00:50:56:2e:03:11");
  succeeded(await project.up());
  const told = (key: string) => {
    const options = host.vm("web").config.extraConfig ?? [];
    return Buffer.from(
      String(options.find((each) => each.key === `guestinfo.${key}`)?.value),
      "base64",
    ).toString();
  };
  const [hash = ""] = /\$6\$[^"]+/.exec(told("vendordata")) ?? [];
  expect(hash).toHaveLength(106);
  await declare("www");
  const changed = succeeded(await project.up());
  // Nothing else of the guest is a change, the hashed password neither.
  expect(changed.output).toMatch(/update in place: guest \(hostname\)/);
  expect(changed.output).toMatch(/the guest takes guest\.hostname at its next boot/);
  expect(told("metadata")).toContain('"local-hostname":"www"');

  const entries = await readdir(project.backend, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const states = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")));
  const everything = [...states, ...project.said].join("\n");
  expect(everything).toContain("00:50:56:2e:03:11");
  for (const secret of [PASSWORD, hash]) expect(everything).not.toContain(secret);
  await host.expectVms("web: poweredOff");
});
