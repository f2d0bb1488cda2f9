import * as pulumi from "@pulumi/pulumi";

/**
 * The URN that the engine will give a resource. Pulumi does not tell a dynamic provider for which resource it works. So
 * the resource says it itself, for the progress in its row and for the owner mark on the VM.
 *
 * It is a promise and not the parent's output. An output would make the resource depend on its parent, and so on all
 * the parent's children, including itself.
 */
export function urnOf(
  type: string,
  name: string,
  parent: pulumi.Resource | undefined,
): Promise<string> | pulumi.Output<string> {
  if (parent === undefined) return pulumi.createUrn(name, type);
  return new Promise((resolve) => {
    // The stack is a special parent: its type is in no URN.
    pulumi.createUrn(name, type, parent).apply((urn) => resolve(urn.replace("::pulumi:pulumi:Stack$", "::")));
  });
}
