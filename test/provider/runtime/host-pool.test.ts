import { afterEach, expect, test } from "vitest";
import { closeHosts, hostOf } from "../../../provider/runtime/host-pool.ts";
import { SettingsError } from "../../../provider/runtime/settings-error.ts";

afterEach(closeHosts);

const config = (hosts: Readonly<Record<string, string>>) => ({
  get: (key: string) =>
    ({
      "esxi:host": "esxi.invalid",
      "esxi:username": "root",
      "esxi:password": "s3cret",
      "esxi:hosts": JSON.stringify(
        Object.fromEntries(
          Object.entries(hosts).map(([name, host]) => [name, { host, username: "root", password: "s3cret" }]),
        ),
      ),
    })[key],
});

test("a host that the configuration has under two names is one host, with one login and one set of limits", () => {
  const both = config({ lab1: "esxi.invalid", lab2: "https://esxi.invalid:443/sdk", lab3: "other.invalid" });
  const one = hostOf(both, "lab1");
  expect(hostOf(both, "lab2")).toBe(one);
  expect(hostOf(both, undefined)).toBe(one);
  expect(hostOf(both, "lab3")).not.toBe(one);
});

test("a thumbprint that cannot be compared is a mistake of the configuration, and its key is named", () => {
  const lab1 = { host: "esxi.invalid", username: "root", password: "s3cret", thumbprint: "AB:CD" };
  const wrong = { get: (key: string) => (key === "esxi:hosts" ? JSON.stringify({ lab1 }) : undefined) };
  expect(() => hostOf(wrong, "lab1")).toThrow(SettingsError);
  expect(() => hostOf(wrong, "lab1")).toThrow(
    /^esxi:hosts\.lab1\.thumbprint cannot be used\. The thumbprint for esxi\.invalid:443 is not a SHA-256 thumbprint/,
  );
});
