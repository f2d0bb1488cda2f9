import { buildOva, diskFile } from "./ova-builder.ts";

/** A declaration that no host could carry out, and what the error must say. */
export interface BadOva {
  readonly what: string;
  readonly ova: Buffer;
  /** Arguments beside the path. */
  readonly args?: Readonly<Record<string, unknown>>;
  readonly says: readonly (string | RegExp)[];
}

const PROPERTIES = `<ProductSection><Info>Settings</Info>
  <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:qualifiers="MinLen(1)"><Label>Name</Label></Property>
  <Property ovf:key="port" ovf:type="uint16" ovf:userConfigurable="true" ovf:value="80"/>
</ProductSection>`;
const OPTIONS = `<DeploymentOptionSection><Info>Sizes</Info>
  <Configuration ovf:id="small" ovf:default="true"><Label>Small</Label><Description>Small</Description></Configuration>
  <Configuration ovf:id="large"><Label>Large</Label><Description>Large</Description></Configuration>
</DeploymentOptionSection>`;

const plain = buildOva().ova;
const tampered = (change: (descriptor: string) => string) =>
  buildOva({
    manifest: null,
    tamper: (entries) => {
      for (const [name, bytes] of entries) {
        if (name.endsWith(".ovf")) entries.set(name, Buffer.from(change(bytes.toString())));
      }
    },
  }).ova;

/** Deployments that are refused before anything is asked of a host. */
export const badOvas: readonly BadOva[] = [
  {
    what: "a disk that is not streamOptimized",
    ova: buildOva({ files: [diskFile("raw.vmdk", { content: Buffer.alloc(64 * 1024, 7) })] }).ova,
    says: ["raw.vmdk", "streamOptimized"],
  },
  {
    what: "an archive that ends in the middle",
    ova: plain.subarray(0, Math.floor(plain.length / 2)),
    says: ["truncated"],
  },
  {
    what: "networks, deployment options, properties and values that the OVF does not have",
    ova: buildOva({ sections: PROPERTIES, envelopeSections: OPTIONS }).ova,
    args: {
      ovfNetworkMap: { "VM Netwrk": "lab-net" },
      deploymentOption: "medium",
      properties: { hostnme: "web", port: "eighty" },
    },
    says: [
      /ovfNetworkMap.*"VM Netwrk".*VM Network/,
      /deploymentOption.*"medium".*small.*large/,
      /properties\.hostnme.*did you mean.*hostname/i,
      /properties\.hostname.*needs a value/,
      /properties\.port/,
    ],
  },
  {
    what: "a name that leaves the archive",
    ova: tampered((text) => text.replace("tiny-disk1.vmdk", "../../etc/passwd")),
    says: ["../../etc/passwd"],
  },
  {
    what: "a descriptor with a DOCTYPE",
    ova: tampered((text) => text.replace("?>", '?>\n<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>')),
    says: ["DOCTYPE"],
  },
  {
    what: "a descriptor that is not the manifest's",
    ova: buildOva({
      tamper: (entries) => {
        const descriptor = entries.get("tiny.ovf")?.toString() ?? "";
        entries.set("tiny.ovf", Buffer.from(descriptor.replace("64MB", "65MB")));
      },
    }).ova,
    says: ["tiny.ovf was changed after the manifest was made", "SHA256"],
  },
  {
    what: "a file that is no archive",
    ova: Buffer.from("<html>404 Not Found</html>"),
    says: ["bad.ova"],
  },
];
