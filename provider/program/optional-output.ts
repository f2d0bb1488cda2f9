import * as pulumi from "@pulumi/pulumi";

/**
 * An output that a resource may lack. Pulumi takes what is missing in state for unknown in every preview; as soon as
 * another output of the resource is known, this one is known to be undefined.
 *
 * @param always An output that the resource always has.
 */
export function optionalOutput<T>(
  output: pulumi.Output<T | undefined>,
  always: pulumi.Output<string>,
): pulumi.Output<T | undefined> {
  // Kept out of the SDK's type declarations.
  const isKnown: unknown = Reflect.get(output, "isKnown");
  const isMissing = always.apply(async () => (await isKnown) === false);
  return isMissing.apply((missing) => (missing ? pulumi.output(undefined) : output));
}
