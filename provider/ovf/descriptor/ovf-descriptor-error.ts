/** The OVF descriptor is not one that can be deployed as one VM: not well-formed, no OVF, or of a kind not supported. */
export class OvfDescriptorError extends Error {
  override readonly name = "OvfDescriptorError";
}
