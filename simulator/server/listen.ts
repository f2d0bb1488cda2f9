/** The address of a server, which is always on this machine. @throws Error for another address */
export function parseListen(text: string): [address: string, port: number] {
  const match = /^(127\.\d+\.\d+\.\d+|localhost):(\d{1,5})$/.exec(text);
  if (match === null)
    throw new Error(`Cannot listen on ${text}: give a loopback address and a port, as 127.0.0.1:0`);
  return [match[1] ?? "127.0.0.1", Number(match[2])];
}
