import { expect, test } from "vitest";
import { UnreadableError } from "../../../../provider/host/unreadable-error.ts";
import { keepUnreadable } from "../../../../provider/resources/frame/keep-unreadable.ts";
import type { Context, ReadResult } from "../../../../provider/resources/frame/lifecycle.ts";

const KNOWN = { name: "vm" };

/** A refresh that does that, and what it warns of. */
async function refreshed(read: () => Promise<ReadResult>) {
  const warnings: string[] = [];
  const context: Context = {
    progress: { status: () => {}, info: () => {}, warn: (text) => void warnings.push(text) },
    signal: new AbortController().signal,
    projectFolder: ".",
    host: () => {
      throw new Error("nobody asks for the host");
    },
  };
  return { result: await keepUnreadable({ id: "id", props: KNOWN }, context, read), warnings };
}

test("what is read is the result", async () => {
  const read = { id: "id", props: { name: "renamed" } };
  expect(await refreshed(async () => read)).toEqual({ result: read, warnings: [] });
  expect(await refreshed(async () => ({}))).toEqual({ result: {}, warnings: [] });
});

test("what the host cannot read now stays as it is known, and the reason is told", async () => {
  const { result, warnings } = await refreshed(() =>
    Promise.reject(new UnreadableError("The share is away.")),
  );
  expect(result).toEqual({ id: "id", props: KNOWN });
  expect(warnings).toEqual(["The share is away. What is known of it stays in state."]);
});

test("any other error is thrown as it is", async () => {
  const error = new Error("no such resource");
  await expect(refreshed(() => Promise.reject(error))).rejects.toBe(error);
});

test("the error of something unreadable has a name of its own", () => {
  expect(new UnreadableError("away").name).toBe("UnreadableError");
});
