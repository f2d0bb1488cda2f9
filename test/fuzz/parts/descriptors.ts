import { validateOvaChoices } from "../../../provider/ovf/descriptor/choices.ts";
import { descriptorForHost } from "../../../provider/ovf/descriptor/host-descriptor.ts";
import { OvfDescriptorError } from "../../../provider/ovf/descriptor/ovf-descriptor-error.ts";
import { buildOvfEnvironment } from "../../../provider/ovf/descriptor/ovf-environment.ts";
import { parseDescriptor } from "../../../provider/ovf/descriptor/parse-descriptor.ts";
import { buildOva } from "../../support/ova-builder.ts";
import type { FuzzPart } from "../fuzz-part.ts";
import { mutateText } from "../mutate.ts";

const SEEDS = [
  buildOva().descriptor,
  buildOva({
    transport: "iso com.vmware.guestInfo",
    networks: ["VM Network", "Backup"],
    hardware: '<vmw:ExtraConfig ovf:required="false" vmw:key="a.b" vmw:value="1"/>',
    envelopeSections: `<DeploymentOptionSection><Info>O</Info>
      <Configuration ovf:id="small" ovf:default="true"><Label>S</Label></Configuration></DeploymentOptionSection>
      <Strings xml:lang="en"><Msg ovf:msgid="label">Name</Msg></Strings>`,
    sections: `<ProductSection ovf:class="c" ovf:instance="1"><Info>P</Info><!-- a note -->
      <Property ovf:key="mode" ovf:type="string" ovf:qualifiers='ValueMap{"a","b, c"} MinLen(1)' ovf:userConfigurable="true">
        <Label ovf:msgid="label"/><Value ovf:value="a" ovf:configuration="small"/></Property>
      <Property ovf:key="port" ovf:type="uint16" ovf:qualifiers="MinValue(1),MaxValue(9)" ovf:value="5"/>
      </ProductSection><EulaSection><Info>E</Info><License><![CDATA[<b>Terms</b>]]></License></EulaSection>`,
  }).descriptor,
];

/** OVF descriptors, as far as a preview and an import read them. */
export const descriptors: FuzzPart = {
  name: "descriptors",
  draws: 1000,
  async tryOne(chance) {
    const text = mutateText(chance.pick(SEEDS), chance);
    const ovf = parseDescriptor(text);
    const choices = { deploymentOption: "small", properties: { "c.mode.1": "a", prot: "1" } };
    validateOvaChoices(ovf, { ...choices, networkMap: { "VM Netwrk": "lab" } });
    buildOvfEnvironment(ovf, choices);
    parseDescriptor(descriptorForHost(text));
  },
  isExpected: (error) => error instanceof OvfDescriptorError,
};
