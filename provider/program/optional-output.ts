import * as pulumi from "@pulumi/pulumi";

/**
 * An output that a resource may not have. Pulumi treats an output that is missing in state as unknown in every preview.
 * Once another output of the resource is known, this one is known to be undefined.
 *
 * @param always An output that the resource always has.
 */
export function optionalOutput<T>(
  output: pulumi.Output<T | undefined>,
  always: pulumi.Output<string>,
): pulumi.Output<T | undefined> {
  // The SDK does not declare this type.
  const isKnown: unknown = Reflect.get(output, "isKnown");
  const isMissing = always.apply(async () => (await isKnown) === false);
  return isMissing.apply((missing) => (missing ? pulumi.output(undefined) : output));
}
