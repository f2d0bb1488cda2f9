import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { chooseTransport, type Transport } from "./choose-transport.ts";
import { shellOf } from "./host-shell.ts";

/** Two writers for the same kind of thing. */
interface TwoWays<W> {
  api(host: EsxiHost): W;
  ssh(host: EsxiHost, shell: EsxiShell): W;
}

/**
 * The writer that a host allows. It is one decision per host. Everything that is not a machine is written by it.
 * Reading always uses the API.
 * @param asked What the machine's own program says, where the write is one of a machine. Default: as the host is changed.
 */
export async function writerOf<W>(
  host: EsxiHost,
  ways: TwoWays<W>,
  asked: Transport | "auto" = host.transport,
): Promise<W> {
  if ((await chooseTransport(host, asked)) === "api") return ways.api(host);
  return ways.ssh(host, await shellOf(host).open());
}
