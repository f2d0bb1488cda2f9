import { plainText } from "../vim/soap/plain-text.ts";
import { NfcError } from "./nfc-error.ts";

/** The text of an answer's body without its markup, at most 300 characters. */
export function textOfAnswer(body: string): string {
  return plainText(body, 300);
}

/** The error for a file that the host did not accept. */
export function refusal(what: string, status: number, hostText: string): NfcError {
  const said = hostText === "" ? "" : `: "${hostText}"`;
  return new NfcError(`The host refused ${what} with HTTP ${status}${said}. ${advice(status)}`.trim(), {
    status,
    hostText,
  });
}

function advice(status: number): string {
  switch (status) {
    case 401:
      return "The session or the transfer's ticket is not valid any more.";
    case 403:
      return "The session or the transfer's ticket is not valid any more, or the host's licence does not allow writing.";
    case 404:
      return "The transfer is over at the host: its lease has ended, timed out or was aborted; or the folder does not exist.";
    case 405:
      return "The host wants the other method for this file (POST for disks, PUT for files that it creates), or the path is a folder.";
    case 500:
      return "The host could not store the data: a disk must be a streamOptimized VMDK, and the datastore needs room for it.";
    case 503:
    case 507:
      return "The host is busy or out of space.";
    default:
      return "";
  }
}
