import { afterEach, expect, test } from "vitest";
import { closeHosts, hostOf } from "../../../provider/runtime/host-pool.ts";

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
