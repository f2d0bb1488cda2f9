import { connect } from "node:net";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";

const CONNECT_SECONDS = 3;

/** Tells whether a port at that address accepts a connection. */
type Accepts = (address: string, port: number, signal: AbortSignal) => Promise<boolean>;

/** Tried from this machine. */
export const acceptsFromHere: Accepts = (host, port, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_SECONDS * 1000, signal });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true)).once("timeout", end(false)).once("error", end(false));
  });

/** Tried from the ESXi host, which may reach networks to which this machine has no route. */
export const acceptsFromHost =
  (shell: EsxiShell): Accepts =>
  (address, port, signal) =>
    shell.accepts(address, port, CONNECT_SECONDS, signal);
