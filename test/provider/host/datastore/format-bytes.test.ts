import { expect, test } from "vitest";
import { formatBytes } from "../../../../provider/host/datastore/format-bytes.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [102_400, "100 KiB"],
  [1_048_575, "1024 KiB"],
  [1_048_576, "1.0 MiB"],
  [5 * 1024 ** 3, "5.0 GiB"],
  [3000 * 1024 ** 4, "3000 TiB"],
  [0.4, "0 B"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
