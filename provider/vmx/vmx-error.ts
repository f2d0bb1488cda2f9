/** A .vmx file that cannot be read, or a virtual machine that cannot be cloned by its .vmx; says which and why. */
export class VmxError extends Error {
  override name = "VmxError";
}
