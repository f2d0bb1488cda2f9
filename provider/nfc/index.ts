/** The bulk transfers of an ESXi host: leases of an import, and the bytes that go with them. */
export { resolveDeviceUrl } from "./device-url.ts";
export { downloadFile, isOffered } from "./download.ts";
export { uploadFile } from "./http-upload.ts";
export { HttpNfcLease } from "./lease.ts";
export { NfcError } from "./nfc-error.ts";
export { TransferAgents } from "./transfer-agents.ts";
export { UploadSource } from "./upload-source.ts";
