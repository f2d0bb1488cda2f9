import * as pulumi from "@pulumi/pulumi";

/** The keys that these programs read, by namespace; `Pulumi.dev.yaml` explains them. */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  ova: [
    ...["path", "numInstances", "namePrefix", "datastore", "networks", "properties"],
    ...["numCpus", "memory", "powerOn", "waitForIp"],
  ],
  clones: [
    ...["numClones", "namePrefix", "source", "mode", "transport", "datastore"],
    ...["numCpus", "memory", "powerOn", "waitForIp"],
  ],
  class: [...["roster", "places", "virtualSwitch", "firstVlan", "network", "folder", "memory"]],
  scratch: [
    ...["numVms", "name", "datastore", "numCpus", "memory", "guestId", "diskSizeMb", "diskType"],
    ...["isoPath", "isoFile", "isoFolder", "network", "powerOn"],
  ],
};

/** Warns of keys that nothing reads, all at once: a misspelt one would do nothing without a word. */
export function noticeUnknownKeys(): void {
  const unknown = Object.keys(pulumi.runtime.allConfig()).filter((key) => {
    const [namespace = "", name = ""] = key.split(":");
    const known = KNOWN_KEYS[namespace];
    return known !== undefined && !known.includes(name);
  });
  if (unknown.length === 0) return;
  const known = [...new Set(unknown.map((key) => key.split(":")[0] ?? ""))].map(
    (namespace) => `${namespace}: has ${KNOWN_KEYS[namespace]?.join(", ")}`,
  );
  void pulumi.log.warn(`Nothing reads ${unknown.join(", ")}. ${known.join("; ")}.`);
}
