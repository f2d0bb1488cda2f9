import { expect, test } from "vitest";
import { savedConfigurationHint } from "../../../provider/runtime/saved-configuration.ts";
import { SettingsError } from "../../../provider/runtime/settings-error.ts";
import { VimFault } from "../../../provider/vim/faults.ts";
import { TransportError } from "../../../provider/vim/soap/transport-error.ts";
import { CertificateError } from "../../../provider/vim/tls/certificate-error.ts";

const unreached = (requestSent: boolean | "unknown") =>
  new TransportError("no answer", { host: "esxi1", requestSent });
const fault = ($type: string) =>
  new VimFault({ host: "esxi1", method: "Login", fault: { $type }, hostMessage: "" });
const OLD_SETTINGS: readonly (readonly [string, Error])[] = [
  ["a setting that is missing", new SettingsError("esxi:password is not set.")],
  [
    "another certificate",
    new CertificateError({ target: "esxi1:443", reason: "it is another", presented: "AB" }),
  ],
  ["a host that nothing was sent to", unreached(false)],
  ["a password that the host refuses", fault("InvalidLogin")],
];
const OTHERS: readonly (readonly [string, Error])[] = [
  ["an answer that got lost", unreached("unknown")],
  ["a host that was asked", unreached(true)],
  ["another refusal", fault("NoPermission")],
  ["any other error", new Error("no")],
];

test.each(OLD_SETTINGS)(
  "%s may come of what the last run saved, in a refresh or a deletion alone",
  (_, error) => {
    for (const method of ["read", "delete"])
      expect(savedConfigurationHint(error, method)).toMatch(
        /set ESXI_HOST, .* or run the command with --run-program\.$/,
      );
    for (const method of ["check", "diff", "create", "update"])
      expect(savedConfigurationHint(error, method)).toBeUndefined();
  },
);

test.each(OTHERS)("%s has nothing to do with it", (_, error) => {
  expect(savedConfigurationHint(error, "read")).toBeUndefined();
});
