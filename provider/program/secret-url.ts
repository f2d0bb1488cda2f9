import * as pulumi from "@pulumi/pulumi";

/** True for an `http(s)` URL with a user, a password or a query, because any of these may give access. */
function holdsSecret(location: string): boolean {
  return /^\s*https?:\/\/(?:[^/?#]*@|[^?#]*\?)/i.test(location);
}

/** The location for Pulumi. A URL that may hold a secret is marked as one, whatever the program says. */
export function secretUrl(location: pulumi.Input<string>): pulumi.Input<string> {
  if (typeof location === "string") return holdsSecret(location) ? pulumi.secret(location) : location;
  if (!(location instanceof Promise) && !pulumi.Output.isInstance(location)) return location;
  return pulumi.output(location).apply((text): pulumi.Output<string> => {
    return typeof text === "string" && holdsSecret(text) ? pulumi.secret(text) : pulumi.output(text);
  });
}
