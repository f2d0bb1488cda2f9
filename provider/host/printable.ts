/** Most characters of one message. What a host says may be a megabyte. */
const LONGEST = 8_000;

/**
 * Characters that command a terminal or change the direction of writing. With them a message would not show what it
 * says.
 */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A message that is safe to show. Words of hosts, guests and files may hold any character. Of control characters only
 * tab and new line stay. The others are written as `\x1b`.
 */
export function printable(message: string): string {
  const whole = message.length > LONGEST ? `${message.slice(0, LONGEST)}… (cut)` : message;
  return whole.replace(UNPRINTABLE, (character) => {
    if (character === "\n" || character === "\t") return character;
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}
