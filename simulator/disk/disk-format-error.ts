/** Thrown for bytes that are not the disk image they should be; the host answers an upload of them with status 500. */
export class DiskFormatError extends Error {
  /** @param reason what is wrong, as hostd puts it: "invalid sparse VMDK header", … */
  constructor(reason: string) {
    super(`Not a supported disk format (${reason})`);
    this.name = "DiskFormatError";
  }
}
