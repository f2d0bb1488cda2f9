import * as pulumi from "@pulumi/pulumi";

/** True for an `http(s)` URL with a user, a password or a query: any of these may let somebody in. */
function holdsSecret(location: string): boolean {
  return /^\s*https?:\/\/(?:[^/?#]*@|[^?#]*\?)/i.test(location);
}

/** The location as Pulumi is to have it: a URL that may hold a secret is one, whatever the program says. */
export function secretUrl(location: pulumi.Input<string>): pulumi.Input<string> {
  if (typeof location === "string") return holdsSecret(location) ? pulumi.secret(location) : location;
  if (!(location instanceof Promise) && !pulumi.Output.isInstance(location)) return location;
  return pulumi.output(location).apply((text): pulumi.Output<string> => {
    return typeof text === "string" && holdsSecret(text) ? pulumi.secret(text) : pulumi.output(text);
  });
}
