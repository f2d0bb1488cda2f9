/** Elements whose content is only for programs. */
const UNSEEN = ["style", "script"];

/** The words of a text that may be a web page, without its markup, up to that number of characters. */
export function plainText(page: string, mostCharacters: number): string {
  const seen = UNSEEN.reduce(withoutElements, page);
  const words = seen.replace(/<[^<>]*>/g, " ").replace(/\s+/g, " ");
  return words.trim().slice(0, mostCharacters);
}

/** Each character is read a few times at most, whatever the page holds. */
function withoutElements(page: string, name: string): string {
  const lower = page.toLowerCase();
  // Another length would shift the positions.
  if (lower.length !== page.length) return page;
  const pieces: string[] = [];
  let taken = 0;
  for (let start = lower.indexOf(`<${name}`); start >= 0; start = lower.indexOf(`<${name}`, taken)) {
    const end = lower.indexOf(`</${name}>`, start);
    if (end < 0) break;
    pieces.push(page.slice(taken, start), " ");
    taken = end + name.length + 3;
  }
  return pieces.join("") + page.slice(taken);
}
