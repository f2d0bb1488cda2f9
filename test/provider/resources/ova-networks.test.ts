import { afterEach, beforeEach, expect, test } from "vitest";
import { failure, Lab } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

const OPTIONS = `<DeploymentOptionSection><Info>O</Info>
  <Configuration ovf:id="one" ovf:default="true"><Label>1</Label><Description>1</Description></Configuration>
  <Configuration ovf:id="two"><Label>2</Label><Description>2</Description></Configuration></DeploymentOptionSection>`;

/** An OVA with further networks, and an adapter on `Frontend` in option `two` only. */
function withMoreNetworks(): Promise<string> {
  return lab.ova({
    manifest: null,
    envelopeSections: OPTIONS,
    hardware: `<Item ovf:configuration="two">
        <rasd:AddressOnParent>9</rasd:AddressOnParent>
        <rasd:Connection>Frontend</rasd:Connection>
        <rasd:ElementName>ethernet1</rasd:ElementName>
        <rasd:InstanceID>200</rasd:InstanceID>
        <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>`,
    tamper: (entries) => {
      const text = String(entries.get("tiny.ovf"));
      const more = ["none", "Frontend"].map(
        (name) => `<Network ovf:name="${name}"><Description>d</Description></Network>`,
      );
      entries.set(
        "tiny.ovf",
        Buffer.from(text.replace("</NetworkSection>", `${more.join("")}</NetworkSection>`)),
      );
    },
  });
}

test("networks that no adapter of the chosen option is on need no port group", async () => {
  await lab.create({ ovaPath: await withMoreNetworks(), powerOn: false });
  expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
});

test("a network of the chosen option does, and the error names it", async () => {
  const ovaPath = await withMoreNetworks();
  const error = await failure(lab.create({ ovaPath, deploymentOption: "two", powerOn: false }));
  expect(error.message).toContain("Frontend");
  expect(error.message).not.toContain('"none"');
  expect((await lab.raw.contents()).vms).toEqual([]);
});

test("a network that is mapped goes where it is mapped to", async () => {
  const ovaPath = await withMoreNetworks();
  await lab.create({
    ovaPath,
    deploymentOption: "two",
    ovfNetworkMap: { Frontend: "lab-net" },
    powerOn: false,
  });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});
