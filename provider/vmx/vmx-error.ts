/**
 * A .vmx file cannot be read, or a virtual machine cannot be cloned by its .vmx file. The message says which and why.
 */
export class VmxError extends Error {
  override name = "VmxError";
}
