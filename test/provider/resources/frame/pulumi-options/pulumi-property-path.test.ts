import { expect, test } from "vitest";
import {
  parsePropertyPath,
  takeAt,
} from "../../../../../provider/resources/frame/pulumi-options/pulumi-property-path.ts";

test.each([
  ["memory", ["memory"]],
  ["waitFor.ip", ["waitFor", "ip"]],
  ["disks[0].size", ["disks", "0", "size"]],
  ["disks[12][3]", ["disks", "12", "3"]],
  ['extraConfig["guestinfo.a"]', ["extraConfig", "guestinfo.a"]],
  ['a["say \\"x\\""].b', ["a", 'say "x"', "b"]],
  ["networkInterfaces[*].network", ["networkInterfaces", "*", "network"]],
  ["*", ["*"]],
])("the path %s has the parts %j", (path, parts) => {
  expect(parsePropertyPath(path)).toEqual(parts);
});

const OURS = {
  memory: 1,
  map: { a: 1, b: 1 },
  list: [
    { x: 1, y: 1 },
    { x: 1, y: 1 },
  ],
  only: 1,
};
const THEIRS = { memory: 2, map: { a: 2, c: 2 }, list: [{ x: 2, y: 2 }], more: 2 };

test.each([
  ["memory", { ...OURS, memory: 2 }],
  ["map.a", { ...OURS, map: { a: 2, b: 1 } }],
  ["map.b", { ...OURS, map: { a: 1 } }],
  ["map.*", { ...OURS, map: { a: 2, c: 2 } }],
  [
    "list[0].x",
    {
      ...OURS,
      list: [
        { x: 2, y: 1 },
        { x: 1, y: 1 },
      ],
    },
  ],
  [
    "list[*].y",
    {
      ...OURS,
      list: [
        { x: 1, y: 2 },
        { x: 1, y: 1 },
      ],
    },
  ],
  ["list[7].y", OURS],
  ["memory.deeper", OURS],
  ["only", { memory: 1, map: OURS.map, list: OURS.list }],
  ["*", THEIRS],
])("what lies at %s is taken from the other, and nothing else", (path, expected) => {
  expect(takeAt(parsePropertyPath(path), OURS, THEIRS)).toStrictEqual(expected);
});

test.each([
  ["is nothing", { map: undefined }],
  ["is null", { map: null }],
  ["has no parts", { map: 2 }],
  ["is not there", {}],
])("a part of what the other has stays as it is, where that %s", (_, theirs) => {
  expect(takeAt(["map", "a"], OURS, theirs)).toStrictEqual(OURS);
  expect(takeAt(["map", "a"], theirs, OURS)).toEqual(theirs);
});
