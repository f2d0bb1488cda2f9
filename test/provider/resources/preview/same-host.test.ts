import { afterEach, expect, test } from "vitest";
import { Lab } from "../lab.ts";
import { previewed } from "./previewed.ts";

let labs: Lab[] = [];

afterEach(async () => {
  await Promise.all(labs.map((lab) => lab.close()));
  labs = [];
});

async function open(): Promise<Lab> {
  const lab = await Lab.open();
  labs.push(lab);
  return lab;
}

const machine = (name: string, host: string) => ({ kind: "ScratchVm" as const, args: { name, host } });

test("a host with two names is warned of once and logged in to once, and a second thing of one name on it is refused", async () => {
  const lab = await open();
  expect(await previewed(lab, machine("one", "lab1"))).toEqual({ failures: [], warnings: [] });
  const { warnings } = await previewed(lab, machine("two", "lab2"));
  expect(warnings).toEqual([
    expect.stringMatching(/^"lab1" and "lab2" are one host \(https:.*use one of the two/),
  ]);
  expect(await previewed(lab, machine("three", "lab2"))).toEqual({ failures: [], warnings: [] });
  const { failures } = await previewed(lab, { ...machine("one", "lab2"), called: "again" });
  expect(failures).toEqual([expect.stringContaining('"one"')]);
  expect(lab.raw.count("Login")).toBe(1);
});

test("a host whose two addresses are a name and a number is recognised by its UUID and its machines", async () => {
  const lab = await open();
  const made = await lab.create({ powerOn: false });
  const other = lab.connect();
  await previewed(lab, machine("one", "esxi"));
  const { warnings } = await previewed(lab, machine("two", "10.0.0.5"), { host: () => other });
  expect(warnings).toEqual([expect.stringContaining('"10.0.0.5" and "esxi" are one host')]);
  await lab.delete(made);
});

test("two hosts are not taken for one", async () => {
  const [one, two] = [await open(), await open()];
  await previewed(one, machine("one", "here"));
  expect((await previewed(two, machine("two", "there"))).warnings).toEqual([]);
});
