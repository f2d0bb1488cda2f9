import { hash } from "node:crypto";

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ROUNDS = 5000;
const SALT_LENGTH = 16;

const sha512 = (...parts: readonly Uint8Array[]): Buffer => hash("sha512", Buffer.concat(parts), "buffer");

/**
 * A password in the form of `/etc/shadow`, `$6$…`, as glibc's `crypt` makes it.
 *
 * @param salt Characters of `./0-9A-Za-z`. Only the first 16 count.
 * @see https://www.akkadia.org/drepper/SHA-crypt.txt
 */
export function sha512Crypt(password: string, salt: string): string {
  const key = Buffer.from(password);
  const used = salt.slice(0, SALT_LENGTH);
  const saltBytes = Buffer.from(used);
  const alternate = sha512(key, saltBytes, key);
  const start: Uint8Array[] = [key, saltBytes, repeated(alternate, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) start.push((bits & 1) === 1 ? alternate : key);
  let digest = sha512(...start);
  const keySequence = repeated(sha512(...Array<Uint8Array>(key.length).fill(key)), key.length);
  const salts = Array<Uint8Array>(16 + (digest[0] ?? 0)).fill(saltBytes);
  const saltSequence = repeated(sha512(...salts), saltBytes.length);
  for (let round = 0; round < ROUNDS; round++) {
    const isOdd = round % 2 === 1;
    digest = sha512(
      isOdd ? keySequence : digest,
      ...(round % 3 === 0 ? [] : [saltSequence]),
      ...(round % 7 === 0 ? [] : [keySequence]),
      isOdd ? digest : keySequence,
    );
  }
  return `$6$${used}$${encoded(digest)}`;
}

/** The salt for a named thing. It is always the same for the same name, so nothing changes from run to run. */
export function saltFor(name: string): string {
  const bytes = hash("sha256", name, "buffer").subarray(0, SALT_LENGTH);
  return [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

function repeated(bytes: Uint8Array, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/** Takes three bytes at a time from three parts of the digest, in a rotating order. The last byte is taken alone. */
function encoded(digest: Buffer): string {
  const third = 21;
  const byte = (index: number) => digest[index] ?? 0;
  const triples = Array.from({ length: third }, (_, index) => {
    const three = [index, index + third, index + 2 * third];
    const turned = [...three.slice(index % 3), ...three.slice(0, index % 3)];
    const [high = 0, middle = 0, low = 0] = turned;
    return characters(byte(high) * 65_536 + byte(middle) * 256 + byte(low), 4);
  });
  return triples.join("") + characters(byte(3 * third), 2);
}

function characters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => ALPHABET[(value >> (6 * index)) & 63]).join("");
}
