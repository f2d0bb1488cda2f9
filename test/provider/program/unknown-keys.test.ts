import { expect, test } from "vitest";
import { unknownKeys } from "../../../provider/program/unknown-keys.ts";

test.each([
  ["esxi:user", "esxi:user (did you mean esxi:username?)"],
  ["esxi:hostname", "esxi:hostname (did you mean esxi:host?)"],
  ["esxi:insecur", "esxi:insecur (did you mean esxi:insecure?)"],
  ["esxi:maxTransfer", "esxi:maxTransfer (did you mean esxi:maxTransfers?)"],
  ["esxi:Thumbprint", "esxi:Thumbprint (did you mean esxi:thumbprint?)"],
  ["esxi:somethingOfMyOwn", "esxi:somethingOfMyOwn"],
])("%s is noticed", (key, said) => {
  expect(unknownKeys({ [key]: "x", "esxi:host": "a" })).toEqual([said]);
});

test("all are said at once, those of named hosts too, and other namespaces are left alone", () => {
  const hosts = JSON.stringify({ lab1: { host: "a", user: "root" }, lab2: { host: "b", pasword: "x" } });
  expect(unknownKeys({ "esxi:hosts": hosts, "esxi:usr": "x", "ova:user": "x", "aws:user": "x" })).toEqual([
    "esxi:usr",
    "esxi:hosts.lab1.user (did you mean esxi:hosts.lab1.username?)",
    "esxi:hosts.lab2.pasword (did you mean esxi:hosts.lab2.password?)",
  ]);
});

test("what is no object of hosts is for the provider to refuse", () => {
  for (const hosts of ["", "[", "3", "null", "[1]", '{"a":3}', '{"a":null}']) {
    expect(unknownKeys({ "esxi:hosts": hosts })).toEqual([]);
  }
});

test("a value is never shown", () => {
  expect(unknownKeys({ "esxi:pasword": "hunter2" }).join()).not.toContain("hunter2");
});
