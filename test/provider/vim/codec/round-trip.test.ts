import { describe, expect, test } from "vitest";
import { dataObjectReader } from "../../../../provider/vim/codec/decode.ts";
import { encodeDataObject } from "../../../../provider/vim/codec/encode.ts";
import { readXml } from "../../../../provider/vim/codec/xml-reader.ts";
import { API_VERSIONS, findDataObject } from "../../../../schema/index.ts";
import { DATA_OBJECTS, Random } from "./random-values.ts";

const NEWEST = API_VERSIONS.length - 1;

function roundTrip(type: string, value: object): unknown {
  const xml = encodeDataObject("value", type, value, NEWEST);
  let decoded: unknown;
  readXml(`<x xmlns:xsi="i" xmlns:xsd="d">${xml}</x>`, {
    child: () => ({
      child: (_name, attributes) =>
        dataObjectReader(type, attributes, {
          take(found) {
            decoded = found;
          },
        }),
    }),
  });
  return decoded;
}

describe("what is encoded and decoded again", () => {
  test.each([1, 2, 3, 4, 5, 6])("is the same for every data object of the table (seed %i)", (seed) => {
    const random = new Random(seed);
    for (const name of DATA_OBJECTS) {
      const type = findDataObject(name);
      if (!type) throw new Error(`the table lost ${name}`);
      const value = random.dataObject(type, 2);
      expect(roundTrip(name, value), name).toEqual(value);
    }
  });

  test("is the same for deep objects", () => {
    const random = new Random(77);
    for (const name of [
      "VirtualMachineConfigSpec",
      "TaskInfo",
      "OvfCreateImportSpecResult",
      "UpdateSet",
      "HostNetworkInfo",
    ]) {
      const type = findDataObject(name);
      if (!type) throw new Error(`the table lost ${name}`);
      for (let i = 0; i < 15; i++) {
        const value = random.dataObject(type, 5);
        expect(roundTrip(name, value), name).toEqual(value);
      }
    }
  });
});
