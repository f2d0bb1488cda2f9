import { expect, test } from "vitest";
import { failed, openLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

const LIMIT = { timeout: 120_000 };
const student = { ovaPath: tinyOva.path };

test("a row that is finished keeps no last status", LIMIT, async (context) => {
  // Statuses are shown of what takes longer than a second.
  const { project } = await openLab(context, { simulator: { guestAddressDelayMs: 3000 } });
  await project.declare({ vm: { ...student, waitFor: { ip: true } } });
  const { output } = succeeded(await project.up());
  expect(output).toMatch(/vm creating \(\d+s\) waiting/);
  const finished = output.split("\n").filter((line) => / vm created \(/.test(line));
  expect(finished).not.toEqual([]);
  for (const line of finished) expect(line).toMatch(/ vm created \(\d+s\)\s*$/);
});

test(
  "what is wrong with a host is said once in full, and of all other resources by the first one's name",
  LIMIT,
  async (context) => {
    const { host, project } = await openLab(context);
    await project.declare({ "student-1": student, "student-2": student, "student-3": student });
    const { diagnostics } = failed(await project.up({ ESXI_PASSWORD: "not-It/99" }));
    const errors = diagnostics.filter(({ name, severity }) => severity === "error" && name !== "");
    const full = errors.filter(({ message }) => /the host refused the user name or password/.test(message));
    expect(full).toHaveLength(1);
    const others = errors.filter((error) => !full.includes(error)).map(({ message }) => message);
    expect(others).toEqual(Array.from({ length: 2 }, () => `as for ${full[0]?.name}`));
    await host.expectEmpty();
  },
);
