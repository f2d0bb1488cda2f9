import { SshError } from "../ssh-error.ts";

/** The host's key is not the expected one, or no setting says which one to expect. Nothing was sent to the host. */
export class HostKeyError extends SshError {
  override name = "HostKeyError";
  /** `SHA256:…` of the key that the host showed. */
  readonly fingerprint: string;

  constructor(message: string, fingerprint: string) {
    super(message);
    this.fingerprint = fingerprint;
  }
}
