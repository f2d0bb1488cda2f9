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
 * The base of every resource of this package: a Pulumi resource that this package's code serves in Pulumi's own
 * dynamic-provider process (`pulumi-nodejs`). Its provider text is constant, and no serialized code.
 *
 * An output that is the resource's id is `this.id` in its class. A preview of a change in place knows the id, but no
 * output. So a resource that uses the id shows no change that does not happen.
 */
export abstract class EsxiResource extends pulumi.CustomResource {
  /**
   * @param kind The resource's type name, `OvaDeployment`. The runtime finds the lifecycle by it.
   * @param outputs Names of all outputs that the class declares. A preview shows an output that the program does not
   * give as not yet known.
   * @param isOnHost False for a decision that is only kept in state.
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
