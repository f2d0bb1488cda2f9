import * as pulumi from "@pulumi/pulumi";

/** Thrown by a resource's constructor when the stack's configuration holds an ESXi password that is not a secret. */
export class PlainPasswordError extends pulumi.RunError {
  constructor(key: string, command: string) {
    super(
      `The configuration value ${key} is not a secret, and Pulumi would write it to the stack's state in clear. ` +
        `Nothing was done. Make it a secret with:\n    ${command}\n` +
        "and change it on the host if this configuration file was ever shared.",
    );
    this.name = "PlainPasswordError";
  }
}

/** Keys of the configuration that must be secrets. */
const SECRETS = [
  "password",
  "sshPassword",
  "sshPrivateKey",
  "sshPassphrase",
  "sshJumpPassword",
  "sshJumpPrivateKey",
  "sshJumpPassphrase",
];

/**
 * Refuses passwords in clear text before any resource exists, because the engine copies the whole configuration to
 * state.
 * @throws PlainPasswordError
 */
export function refusePlainPasswords(): void {
  const config = new pulumi.Config("esxi");
  for (const key of SECRETS) {
    if (!isSecret(`esxi:${key}`) && config.get(key) !== undefined) {
      throw new PlainPasswordError(`esxi:${key}`, `pulumi config set --secret esxi:${key}`);
    }
  }
  if (isSecret("esxi:hosts")) return;
  const hosts = config.getObject<Record<string, unknown>>("hosts") ?? {};
  for (const [name, host] of Object.entries(hosts)) {
    if (typeof host !== "object" || host === null) continue;
    const key = SECRETS.find((secret) => secret in host);
    if (key === undefined) continue;
    throw new PlainPasswordError(
      `esxi:hosts.${name}.${key}`,
      `pulumi config set --secret --path 'esxi:hosts.${name}.${key}'`,
    );
  }
}

function isSecret(key: string): boolean {
  // The SDK exports this but does not declare its type.
  const isConfigSecret: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
  return typeof isConfigSecret === "function" && isConfigSecret(key) === true;
}
