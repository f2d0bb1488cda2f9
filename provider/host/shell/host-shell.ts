import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { SshConnection } from "../../ssh/connection.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { surely } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { perHost } from "../per-host.ts";
import { ensureSshService } from "./ssh-service.ts";

/** The shell of one host over SSH: one connection for all who use it. */
class HostShell {
  readonly #host: EsxiHost;
  #connection: SshConnection | undefined;
  #shell: Promise<EsxiShell> | undefined;
  #putServiceBack: (() => Promise<void>) | undefined;

  constructor(host: EsxiHost) {
    this.#host = host;
    host.beforeClose(() => this.#close());
  }

  /**
   * Opens the shell, or gives the one that is open. The SSH service is started through the API if it is off. It is put
   * back when the host is closed, or at once if no connection can be made.
   * @throws HostError if the configuration says nothing about SSH, or the service is off and must stay so; SshError
   *   without a connection.
   */
  open(): Promise<EsxiShell> {
    this.#shell ??= this.#open().catch((error) => {
      this.#shell = undefined;
      throw error;
    });
    return this.#shell;
  }

  async #open(): Promise<EsxiShell> {
    const settings = this.#host.sshSettings;
    if (!settings) throw new HostError(`${this.#host.name}: nothing says how to log in over SSH.`);
    // Most runs never need it, and loading it takes a moment.
    const [{ SshConnection }, { EsxiShell }, { untilAgentEnds }] = await Promise.all([
      import("../../ssh/connection.ts"),
      import("../../ssh/commands/esxi-shell.ts"),
      import("./ssh-when-free.ts"),
    ]);
    this.#connection ??= new SshConnection(settings);
    const putBack = await ensureSshService(this.#host);
    try {
      await this.#connection.open();
    } catch (error) {
      // Nobody may call again, and a service that was off must not stay on for that long.
      await (putBack && surely(undefined, putBack).catch(() => {}));
      throw error;
    }
    this.#putServiceBack = putBack;
    return new EsxiShell(untilAgentEnds(this.#host, this.#connection));
  }

  async #close(): Promise<void> {
    await this.#connection?.close();
    await (this.#putServiceBack && surely(undefined, this.#putServiceBack).catch(() => {}));
    this.#putServiceBack = undefined;
    this.#shell = undefined;
  }
}

/** A host's shell. Nothing is sent before it is opened. */
export const shellOf = perHost((host: EsxiHost) => new HostShell(host));
