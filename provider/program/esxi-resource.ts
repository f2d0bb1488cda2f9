import * as pulumi from "@pulumi/pulumi";
import { madeHere } from "./made-here.ts";
import { refusePlainPasswords } from "./plain-password-guard.ts";
import { refuseUnreachableProvider } from "./provider-folder.ts";
import { providerText } from "./provider-text.ts";
import { readOptions } from "./resource-options.ts";
import { noticeUnknownKeys } from "./unknown-keys.ts";
import { refuseProtoKeys } from "./unsafe-keys.ts";
import { urnOf } from "./urn.ts";

/**
 * What every resource of this package is: a Pulumi resource served by this package's code in Pulumi's own
 * dynamic-provider process (`pulumi-nodejs`), with a constant provider text instead of serialized code.
 *
 * An output that is the resource's id is `this.id` in its class: a preview of a change in place knows the id, and no
 * output. What takes such an output then shows no change that does not happen.
 */
export abstract class EsxiResource extends pulumi.CustomResource {
  /**
   * @param kind The resource's type name, `OvaDeployment`; the runtime finds the lifecycle by it.
   * @param outputs Names of all outputs that the class declares; what a program does not give of them a preview shows
   * as not yet known.
   * @param isOnHost False for a decision that is kept in state only.
   */
  protected constructor(
    kind: string,
    name: string,
    inputs: pulumi.Inputs,
    outputs: readonly string[],
    options: pulumi.CustomResourceOptions | undefined,
    isOnHost = true,
  ) {
    refuseUnreachableProvider();
    refusePlainPasswords();
    const safe = refuseProtoKeys(name, inputs);
    noticeUnknownKeys();
    const type = `pulumi-nodejs:esxi:${kind}`;
    const read = readOptions(name, inputs, options, isOnHost, kind.startsWith("get"));
    super(
      type,
      name,
      {
        ...Object.fromEntries(outputs.map((output) => [output, undefined])),
        ...safe,
        ...read.inputs,
        __provider: providerText(kind),
        __madeHere: madeHere(kind, inputs),
        __urn: urnOf(type, name, options?.parent),
      },
      read.options,
    );
  }
}
