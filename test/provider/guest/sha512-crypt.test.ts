import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { saltFor, sha512Crypt } from "../../../provider/guest/sha512-crypt.ts";
import { draws } from "../../support/draws.ts";
import { need } from "../../support/prerequisites.ts";

test("a hash is always the same for the same password and salt", () => {
  expect(sha512Crypt("geheim", "abcd")).toBe(
    "$6$abcd$OuJN6ARmySMyqK/aKUv4bDNqTmBZookEk3rCk2oGZf69LALYfiNEp4Xl1h6rEGTWjFfGeRh.QUDiJCdWhKkvn/",
  );
});

test("a hash is OpenSSL's, whatever the password", async (context) => {
  const openssl = await need(context, "TEST_OPENSSL");
  const password = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
    .filter((text) => !/[\0\r\n\p{Cs}]/u.test(text));
  const property = fc.property(password, fc.string({ maxLength: 20 }), (text, name) => {
    const salt = saltFor(name);
    const args = ["passwd", "-6", "-salt", salt, "-stdin"];
    const { stdout } = spawnSync(openssl, args, { input: `${text}\n`, encoding: "utf8" });
    expect(sha512Crypt(text, salt)).toBe(stdout.trim());
  });
  fc.assert(property, draws(50));
});

test("a salt has all the characters that count, and is the same for the same name", () => {
  expect(saltFor("alice")).toMatch(/^[./0-9A-Za-z]{16}$/);
  expect(saltFor("alice")).toBe(saltFor("alice"));
  expect(saltFor("alice")).not.toBe(saltFor("bob"));
});
