/** A simulated host with its SSH server, and a bare SSH client. */
import { generateKeyPairSync } from "node:crypto";
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { onTestFinished } from "vitest";
import type { Simulator, SimulatorOptions } from "../../../simulator/index.ts";
import { ed25519Key } from "../../support/ed25519-key.ts";
import { startHost } from "../host/lab.ts";
import { PASSWORD } from "../host/raw-client.ts";

export async function startSshHost(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return (await startHost({ ssh: { listen: "127.0.0.1:0" }, ...options })).simulator;
}

export interface Attempt extends ConnectConfig {
  /** Answers for each round of keyboard-interactive; default: the password, then nothing. */
  readonly answers?: readonly (readonly string[])[];
}

/** Logs in as root by keyboard-interactive, unless the attempt says otherwise. @throws what the client says */
export function logIn(
  simulator: { readonly ssh?: { readonly port: number } | undefined },
  attempt: Attempt = {},
): Promise<Client> {
  const { answers = [[PASSWORD], []], ...config } = attempt;
  const client = new ssh2.Client();
  onTestFinished(() => void client.destroy());
  const rounds = [...answers];
  client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) => {
    asked.set(client, [...(asked.get(client) ?? []), prompts.map(({ prompt }) => prompt)]);
    finish([...(rounds.shift() ?? [])]);
  });
  return new Promise((resolve, reject) => {
    client.once("ready", () => resolve(client));
    // Errors may come after the end too.
    client.on("error", reject);
    client.once("close", () => reject(new Error("closed")));
    client.connect({
      host: "127.0.0.1",
      port: simulator.ssh?.port ?? 0,
      username: "root",
      tryKeyboard: config.privateKey === undefined && config.password === undefined,
      ...config,
    });
  });
}

const asked = new WeakMap<Client, string[][]>();

/** The prompts of each round that a client was asked. */
export function prompts(client: Client): readonly string[][] {
  return asked.get(client) ?? [];
}

export interface Result {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(client: Client, command: string, input: string | Uint8Array = ""): Promise<Result> {
  const channel = await open(client, command);
  channel.end(input);
  return await ended(channel);
}

export function open(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      // Its end may come with the same packet.
      results.set(channel, collect(channel));
      resolve(channel);
    });
  });
}

const results = new WeakMap<ClientChannel, Promise<Result>>();

export async function ended(channel: ClientChannel): Promise<Result> {
  const result = await results.get(channel);
  if (result === undefined) throw new Error("The channel was not opened here.");
  return result;
}

function collect(channel: ClientChannel): Promise<Result> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let code: number | undefined;
  channel.on("data", (data: Buffer) => out.push(data));
  channel.stderr.on("data", (data: Buffer) => err.push(data));
  channel.on("exit", (status: number | null) => {
    code = status ?? undefined;
  });
  return new Promise((resolve) => {
    channel.on("close", () =>
      resolve({
        code,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
      }),
    );
  });
}

export interface UserKey {
  /** PEM */
  readonly privateKey: string;
  readonly publicKey: string;
}

export function userKey(type: "rsa" | "ecdsa" | "ed25519"): UserKey {
  if (type === "ed25519") {
    const { private: privateKey, public: publicKey } = ed25519Key();
    return { privateKey, publicKey };
  }
  const { privateKey } =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 3072 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = String(privateKey.export({ type: type === "rsa" ? "pkcs1" : "sec1", format: "pem" }));
  const parsed = ssh2.utils.parseKey(pem);
  if (parsed instanceof Error) throw parsed;
  return { privateKey: pem, publicKey: `${parsed.type} ${parsed.getPublicSSH().toString("base64")}` };
}
