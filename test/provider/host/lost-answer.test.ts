import { expect, test, vi } from "vitest";
import { HostError, TakenError } from "../../../provider/host/host-error.ts";
import { isRefused, isTaken, madeDespiteLostAnswer } from "../../../provider/host/lost-answer.ts";
import { VimFault } from "../../../provider/vim/faults.ts";

const lost = new Error("no answer came");
const faultOf = ($type: string) =>
  new VimFault({ host: "esxi1", method: "CreateVM_Task", fault: { $type }, hostMessage: "No." });
const fails = (error: Error) => () => Promise.reject(error);

test("what the host says that it made is taken, and nothing is looked for", async () => {
  const find = vi.fn();
  expect(await madeDespiteLostAnswer(async () => "made", find)).toBe("made");
  expect(find).not.toHaveBeenCalled();
});

test("what was made although no answer came is found", async () => {
  expect(await madeDespiteLostAnswer(fails(lost), async () => "found")).toBe("found");
});

test("what was made is found although the first look for it fails", async () => {
  const find = vi.fn(async () => "found").mockRejectedValueOnce(new Error("not now"));
  expect(await madeDespiteLostAnswer(fails(lost), find)).toBe("found");
});

test("an error stays the error if nothing was made, or nobody can tell", async () => {
  await expect(madeDespiteLostAnswer(fails(lost), async () => undefined)).rejects.toBe(lost);
  await expect(madeDespiteLostAnswer(fails(lost), fails(new Error("away")))).rejects.toBe(lost);
});

test("what the host refused is not looked for: what has the name is somebody else's", async () => {
  const fault = faultOf("DuplicateName");
  const find = vi.fn(async () => "somebody else's");
  await expect(madeDespiteLostAnswer(fails(fault), find)).rejects.toBe(fault);
  expect(find).not.toHaveBeenCalled();
});

test("a refusal is the host's own word or this package's, and nothing else", () => {
  for (const error of [faultOf("SystemError"), new HostError("no"), new TakenError("taken")])
    expect(isRefused(error)).toBe(true);
  for (const error of [lost, undefined]) expect(isRefused(error)).toBe(false);
});

test("a name is taken if the host says so in any of its words, or this package does", () => {
  const taken = ["AlreadyExists", "DuplicateName", "FileAlreadyExists"].map(faultOf);
  for (const error of [...taken, new TakenError("taken")]) expect(isTaken(error)).toBe(true);
  for (const error of [faultOf("InvalidName"), new HostError("no"), lost]) expect(isTaken(error)).toBe(false);
});
