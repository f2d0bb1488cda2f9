/** Elements whose content is for programs only. */
const UNSEEN = ["style", "script"];

/** The words of a text that may be a web page, without its markup; at most that many characters. */
export function plainText(page: string, mostCharacters: number): string {
  const seen = UNSEEN.reduce(withoutElements, page);
  const words = seen.replace(/<[^<>]*>/g, " ").replace(/\s+/g, " ");
  return words.trim().slice(0, mostCharacters);
}

/** Each character is looked at a few times, whatever the page holds. */
function withoutElements(page: string, name: string): string {
  const lower = page.toLowerCase();
  // Another length would mean other places.
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
