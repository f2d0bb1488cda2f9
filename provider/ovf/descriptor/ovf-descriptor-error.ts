/**
 * The OVF descriptor cannot be deployed as one VM: it is not well-formed, it is no OVF, or its kind is not supported.
 */
export class OvfDescriptorError extends Error {
  override readonly name = "OvfDescriptorError";
}
