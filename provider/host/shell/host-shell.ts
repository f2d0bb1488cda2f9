import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { SshConnection } from "../../ssh/connection.ts";
import type { SshSettings } from "../../ssh/ssh-settings.ts";
import { Semaphore } from "../../vim/soap/semaphore.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { surely } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { perHost } from "../per-host.ts";
import { ensureSshService } from "./ssh-service.ts";

const MOST_TRANSFERS = 2;

/** The shell of one host over SSH: one connection for all commands, and others for large transfers. */
class HostShell {
  readonly #host: EsxiHost;
  #connection: SshConnection | undefined;
  #shell: Promise<EsxiShell> | undefined;
  #putServiceBack: (() => Promise<void>) | undefined;
  readonly #transfers = new Semaphore(MOST_TRANSFERS);
  /** Connections for transfers, and those of them that are free now. */
  readonly #further: SshConnection[] = [];
  readonly #idle: SshConnection[] = [];

  constructor(host: EsxiHost) {
    this.#host = host;
    host.beforeClose(() => this.#close());
  }

  /**
   * Opens the shell, or returns the open one. The SSH service is started through the API if it is off. Its former state
   * comes back when the host is closed, or at once if no connection can be made.
   * @throws HostError if the configuration says nothing about SSH, or the service is off and must stay off. SshError
   * without a connection.
   */
  open(): Promise<EsxiShell> {
    this.#shell ??= this.#open().catch((error) => {
      this.#shell = undefined;
      throw error;
    });
    return this.#shell;
  }

  /**
   * Sends bytes over a connection of their own. On a shared connection, transfers would share one stream, and the host
   * decrypts each connection on one processor. Only a limited number runs at once, the others wait.
   */
  transfer<T>(work: (shell: EsxiShell) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#transfers.run(async () => {
      // This starts the service, and reports a wrong login once for all callers.
      await this.open();
      const connection = this.#idle.pop() ?? (await this.#another());
      try {
        const { EsxiShell } = await import("../../ssh/commands/esxi-shell.ts");
        return await work(new EsxiShell(connection));
      } finally {
        this.#idle.push(connection);
      }
    }, signal);
  }

  async #another(): Promise<SshConnection> {
    const { SshConnection } = await import("../../ssh/connection.ts");
    const connection = new SshConnection(this.#settings());
    this.#further.push(connection);
    return connection;
  }

  #settings(): SshSettings {
    const settings = this.#host.sshSettings;
    if (settings) return settings;
    throw new HostError(
      `${this.#host.name}: the licence, or \`esxi:transport\`, leaves only SSH to change this host, and nothing says how to ` +
        "log in over SSH.",
    );
  }

  async #open(): Promise<EsxiShell> {
    const settings = this.#settings();
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
      // There may be no later call, and a service that was off must not stay on for so long.
      await (putBack && surely(undefined, putBack).catch(() => {}));
      throw error;
    }
    this.#putServiceBack = putBack;
    return new EsxiShell(untilAgentEnds(this.#host, this.#connection));
  }

  async #close(): Promise<void> {
    // If it is still being opened, it may just have started the service.
    await this.#shell?.catch(() => {});
    await Promise.all([this.#connection, ...this.#further].map((each) => each?.close()));
    await (this.#putServiceBack && surely(undefined, this.#putServiceBack).catch(() => {}));
    this.#putServiceBack = undefined;
    this.#shell = undefined;
  }
}

/** A host's shell. Nothing is sent before it is opened. */
export const shellOf = perHost((host: EsxiHost) => new HostShell(host));
