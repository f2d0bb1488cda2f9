import type { ByteSource } from "./byte-source.ts";

/** Bytes that this process has made itself, in the form of a file. */
export function bytesInMemory(label: string, bytes: Uint8Array): ByteSource {
  const read = (offset: number, lengthBytes: number) =>
    Buffer.from(bytes.subarray(offset, offset + lengthBytes));
  return {
    label,
    sizeBytes: bytes.byteLength,
    mtimeMs: undefined,
    seekable: true,
    validator: undefined,
    hasSeveralVersions: false,
    read: async (offset, lengthBytes) => read(offset, lengthBytes),
    async *stream(offset, lengthBytes) {
      yield read(offset, lengthBytes);
    },
    close: async () => {},
  };
}
