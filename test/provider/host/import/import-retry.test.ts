import { expect, test } from "vitest";
import { HostError } from "../../../../provider/host/host-error.ts";
import { isWorthAnotherLease } from "../../../../provider/host/import/import-retry.ts";
import { NfcError } from "../../../../provider/nfc/index.ts";
import { OvaReadError } from "../../../../provider/ovf/source/ova-read-error.ts";
import { OvaSourceError } from "../../../../provider/ovf/source/ova-source-error.ts";
import { VimFault } from "../../../../provider/vim/faults.ts";
import { TransportError } from "../../../../provider/vim/soap/transport-error.ts";

const fault = ($type: string) =>
  new VimFault({ host: "esxi1", method: "HttpNfcLeaseComplete", fault: { $type }, hostMessage: "" });

test.each([
  ["a connection that broke in mid-upload", new NfcError("reset")],
  ["a host that was too busy for an upload", new NfcError("busy", { status: 503 })],
  ["a lease that timed out", fault("Timedout")],
  ["a lease that is gone in a moment", fault("InvalidState")],
  ["a host that works on something else", fault("TaskInProgress")],
  ["an answer that never came", new TransportError("reset", { host: "esxi1", requestSent: "unknown" })],
  ["a web server that stumbled", new OvaReadError("http://files.lab/a.ova", "stopped")],
])("%s is worth another lease", (_, error) => {
  expect(isWorthAnotherLease(error)).toBe(true);
});

test.each([
  ["a file that the host cannot use", new NfcError("no VMDK", { status: 500 })],
  ["a method that the host does not take", new NfcError("405", { status: 405 })],
  ["a session without the right", new NfcError("403", { status: 403 })],
  ["a full datastore", fault("NoDiskSpace")],
  ["a missing privilege", fault("NoPermission")],
  ["a licence without writes", fault("RestrictedVersion")],
  ["a name that is taken", fault("DuplicateName")],
  ["a digest that does not match", new OvaSourceError("a.ova", "has another digest")],
  ["a host that lacks what was asked for", new HostError("no such datastore")],
  ["a defect of ours", new TypeError("undefined is not a function")],
])("%s is not", (_, error) => {
  expect(isWorthAnotherLease(error)).toBe(false);
});
