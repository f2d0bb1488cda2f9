/**
 * Characters that JSON leaves as they are and YAML does not: control characters that it refuses, and line breaks that
 * it reads as spaces.
 */
const SPECIAL = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * A value as JSON that every reader of YAML reads as the same value.
 *
 * @see https://yaml.org/spec/1.2.2/#51-character-set
 */
export function asYaml(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(SPECIAL, escaped);
}
