import { describe, expect, test } from "vitest";
import { poolsCalled, withPaths } from "../../../../provider/host/pool/pool-paths.ts";

const pool = (id: string, name: string | undefined, parent?: string) => ({
  ref: { type: "ResourcePool", value: id },
  properties: {
    name,
    parent: {
      type: parent === undefined ? "ComputeResource" : "ResourcePool",
      value: parent ?? "ha-compute-res",
    },
  },
});

const POOLS = withPaths([
  pool("inner", "group 1", "students"),
  pool("root", "Resources"),
  pool("students", "students", "root"),
  pool("slash", "a%2fb", "students"),
  pool("plain", "a/b", "students"),
  pool("teachers", "teachers", "root"),
  pool("same", "group 1", "teachers"),
  pool("lost", "lost", "no-such-pool"),
  pool("nameless", undefined, "root"),
]);
const ids = (pools: readonly { readonly ref: { readonly value: string } }[]) =>
  pools.map(({ ref }) => ref.value);
const pathOf = (id: string) => POOLS.find(({ ref }) => ref.value === id)?.path;

test("a path goes from below the root pool down to the pool, whatever order the host tells them in", () => {
  expect(pathOf("root")).toBe("");
  expect(pathOf("students")).toBe("students");
  expect(pathOf("inner")).toBe("students/group 1");
  expect(pathOf("lost")).toBe("lost");
  expect(pathOf("nameless")).toBe("");
});

test("a slash in a pool's own name is escaped in its path, however the host spells it, and plain in its name", () => {
  for (const id of ["slash", "plain"]) {
    expect(pathOf(id)).toBe("students/a%2fb");
    expect(POOLS.find(({ ref }) => ref.value === id)?.name).toBe("a/b");
  }
});

test("the root pool is in no pool, and every other one is in its own", () => {
  expect(Object.fromEntries(POOLS.map(({ ref, parent }) => [ref.value, parent?.value]))).toMatchObject({
    root: undefined,
    students: "root",
    inner: "students",
  });
  const [alone] = withPaths([{ ref: { type: "ResourcePool", value: "x" }, properties: {} }]);
  expect(alone).toEqual({ ref: { type: "ResourcePool", value: "x" }, name: "", path: "", parent: undefined });
});

describe("a pool is meant", () => {
  test("by its path, and then by no other pool's name", () => {
    expect(ids(poolsCalled(POOLS, "teachers/group 1"))).toEqual(["same"]);
    const two = withPaths([pool("root", "R"), pool("one", "x", "root"), pool("two", "x", "one")]);
    expect(ids(poolsCalled(two, "x"))).toEqual(["one"]);
  });

  test("by its name, in all places where one has it", () => {
    expect(ids(poolsCalled(POOLS, "group 1"))).toEqual(["inner", "same"]);
    expect(ids(poolsCalled(POOLS, "a/b"))).toEqual(["slash", "plain"]);
  });

  test("by nothing that it is not called, and the root pool by no empty text", () => {
    expect(poolsCalled(POOLS, "group")).toEqual([]);
    expect(ids(poolsCalled(POOLS, ""))).toEqual(["nameless"]);
  });
});
