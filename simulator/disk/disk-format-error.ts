/** Thrown for bytes that are not the expected disk image. The host answers an upload of them with status 500. */
export class DiskFormatError extends Error {
  /** @param reason the error in hostd's words: "invalid sparse VMDK header", … */
  constructor(reason: string) {
    super(`Not a supported disk format (${reason})`);
    this.name = "DiskFormatError";
  }
}
