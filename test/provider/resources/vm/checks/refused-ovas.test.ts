/** OVAs that no host could take are refused by the check. That a preview shows it: `test/cli/refused-at-preview.test.ts`. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { badOvas } from "../../../../support/bad-ovas.ts";
import { Lab } from "../../lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

for (const { what, ova, args, says } of badOvas) {
  test(`a check refuses ${what}, without one request to the host`, async () => {
    const { failures } = await lab.check({ ...args, ovaPath: await lab.write("bad.ova", ova) });
    const told = failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n");
    for (const text of says) expect(told).toMatch(text);
    expect(told).not.toMatch(/\n\s+at /);
    expect(lab.raw.count()).toBe(0);
  });
}
