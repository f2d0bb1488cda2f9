/** Texts to try a parser with: the same for the same seed. */
const PIECES = [
  "memSize",
  "scsi0:0.fileName",
  "displayName",
  ".encoding",
  " = ",
  "=",
  '"',
  '""',
  '"a"',
  "|22",
  "|0A",
  "|7C",
  "|",
  "#",
  "# comment",
  "\n",
  "\n",
  "\r\n",
  "\r",
  "\t",
  " ",
  "128",
  "TRUE",
  "ä",
  "中",
  "😀",
  "$()`'\\",
  "%25",
  "\u0001",
  'key = "value"\n',
  'ethernet0.present = "TRUE"\r\n',
];

export function randomVmxText(seed: number): string {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const text = Array.from({ length: next(40) }, () => PIECES[next(PIECES.length)]).join("");
  // A name for the encoding that is none is refused as a whole, which another test shows.
  return text.replaceAll(".encoding", next(2) === 0 ? '.encoding = "UTF-8"\n' : "numvcpus");
}

export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
