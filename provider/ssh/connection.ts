import type { Client, ClientChannel } from "ssh2";
import { ChannelGate, ChannelRefusedError } from "./channel-gate.ts";
import { CommandError } from "./commands/command-error.ts";
import { commandLineInto } from "./commands/quote.ts";
import type { ExecOptions, ExecResult, SshExec } from "./exec.ts";
import { openClient } from "./open-client.ts";
import { runChannel } from "./run-channel.ts";
import { SshError } from "./ssh-error.ts";
import { SshLostError } from "./ssh-lost-error.ts";
import type { SshHop, SshSettings } from "./ssh-settings.ts";

/** How many commands run at once on one connection, unless the settings give another number. */
export const DEFAULT_CHANNELS = 8;
const DEFAULT_READY_MS = 30_000;
const DEFAULT_KEEPALIVE_MS = 15_000;

/**
 * One SSH connection to one host, which all commands there share. It is opened with the first command, and opened again
 * after it was lost. A login that was refused is not tried again.
 */
export class SshConnection implements SshExec {
  readonly host: string;
  readonly #settings: SshSettings;
  readonly #gate: ChannelGate;
  #client: Promise<Client> | undefined;
  #jump: Client | undefined;

  constructor(settings: SshSettings) {
    this.host = settings.host;
    this.#settings = settings;
    this.#gate = new ChannelGate(settings.maxChannels ?? DEFAULT_CHANNELS);
  }

  /**
   * Runs a command. Each argument arrives unchanged, whatever characters it has.
   *
   * @throws CommandError for an exit status other than 0, SshLostError if the connection broke meanwhile,
   * HostKeyError or another SshError without a connection, the signal's reason when aborted.
   */
  async exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const line = commandLineInto(command, options);
    const { exitCode, signalName, ...output } = await this.#gate.run(
      async () => {
        const run = { ...options, what: `${this.host}: ${command[0]}` };
        return openChannel(await this.#connected(), line, this.host, (channel) => runChannel(channel, run));
      },
      ({ ended }) => ended,
      options.signal,
    );
    if (exitCode === 0) return output;
    const { stdout, stderr } = output;
    const how = signalName === undefined ? `with status ${exitCode}` : `by the signal ${signalName}`;
    const said = (stderr.trim() || stdout.trim())
      .split(/[\r\n]+/)
      .slice(-3)
      .join(" ");
    throw new CommandError(`${this.host}: \`${command.join(" ")}\` ended ${how}${said && `: ${said}`}`, {
      exitCode,
      stdout,
      stderr,
    });
  }

  /**
   * Opens the connection now instead of with the first command.
   * @throws HostKeyError or another SshError if that fails.
   */
  async open(): Promise<void> {
    await this.#connected();
  }

  /** Ends the connection. Commands that still run fail. Never throws. */
  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await Promise.all([client, this.#jump].map((each) => each && ended(each)));
    this.#jump = undefined;
  }

  #connected(): Promise<Client> {
    if (this.#client) return this.#client;
    const opening = this.#open();
    this.#client = opening;
    const forget = () => {
      if (this.#client === opening) this.#client = undefined;
    };
    opening.then((client) => client.once("close", forget), forget);
    return opening;
  }

  async #open(): Promise<Client> {
    const { jump, readyTimeoutMs = DEFAULT_READY_MS, keepaliveMs = DEFAULT_KEEPALIVE_MS } = this.#settings;
    const options = { readyTimeoutMs, keepaliveMs, log: this.#settings.log ?? (() => {}) };
    if (jump === undefined) return openClient(this.#settings, { ...options, esxi: true });
    const first = await openClient(jump, { ...options, esxi: false });
    this.#jump = first;
    try {
      const through = () => forward(first, jump, this.#settings);
      const client = await openClient(this.#settings, { ...options, esxi: true, through });
      client.once("close", () => first.end());
      return client;
    } catch (error) {
      first.end();
      throw error;
    }
  }
}

/** @param use Called at once, because a short command's end may arrive together with its beginning. */
function openChannel<T>(
  client: Client,
  line: string,
  host: string,
  use: (channel: ClientChannel) => Promise<T>,
): Promise<{ readonly ended: Promise<T> }> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      const isRefusal = error.message.includes("Channel open failure") && "reason" in error;
      if (isRefusal)
        reject(new ChannelRefusedError(`${host} allows no further SSH session: ${error.message}`));
      else
        reject(new SshLostError(`${host}: the SSH connection was lost: ${error.message}`, { cause: error }));
    };
    try {
      client.exec(line, (error, channel) => (error ? refuse(error) : resolve({ ended: use(channel) })));
    } catch (error) {
      refuse(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function forward(client: Client, jump: SshHop, target: SshHop): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, target.host, target.port, (error, channel) => {
      if (!error) return resolve(channel);
      const message = `The jump host ${jump.host} cannot reach ${target.host}:${target.port}: ${error.message}`;
      reject(new SshError(message, { cause: error }));
    });
  });
}

function ended(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      client.destroy();
      resolve();
    }, 2000);
    client.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.end();
  });
}
