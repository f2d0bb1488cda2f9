import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { credentials, type requestCallback, type ServiceError } from "@grpc/grpc-js";
// Generated CommonJS, whose names Node cannot see from outside: hence the default imports.
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import structMessages, { type Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { root } from "../../../tools/setup/cache.mjs";
import { expectBuilt } from "../../support/built-package.ts";

type Properties = Readonly<Record<string, unknown>>;

/** What the engine is told when a create or update fails after the resource existed. */
interface InitFailure {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];
}

/** An operation's failure as the engine sees it. */
export class OperationError extends Error {
  readonly initFailure: InitFailure | undefined;

  constructor(error: ServiceError) {
    super(error.details);
    this.initFailure = initFailureOf(error);
  }
}

const MAIN = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/dynamic-provider");

/** Pulumi's own dynamic-provider process in this checkout, with the engine's side of the conversation. */
export class ProviderProcess {
  readonly #child: ChildProcess;
  readonly #client: InstanceType<typeof providerService.ResourceProviderClient>;
  /** Resolves with the exit code; null if a signal has ended it. */
  readonly exited: Promise<number | null>;
  /** All that it has printed. */
  readonly output: string[] = [];

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#client = new providerService.ResourceProviderClient(
      `127.0.0.1:${port}`,
      credentials.createInsecure(),
    );
    this.exited = once(child, "exit").then(([code]) => code as number | null);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.output.push(text));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => this.output.push(text));
  }

  /**
   * @param config Configuration as the engine hands it over, by `namespace:key`.
   * @param variables What its environment has besides.
   */
  static async start(
    engine: string,
    config: Readonly<Record<string, string>>,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<ProviderProcess> {
    expectBuilt();
    const environment = Object.entries(process.env).filter(([name]) => !name.startsWith("ESXI_"));
    const child = spawn(process.execPath, [MAIN, engine], {
      cwd: root,
      env: { ...Object.fromEntries(environment), ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const provider = new ProviderProcess(child, Number(line));
    const request = new messages.ConfigureRequest();
    request.setArgs(structOf(config));
    await provider.#call("configure", request);
    return provider;
  }

  async check(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const request = new messages.CheckRequest();
    request.setOlds(structOf(olds));
    request.setNews(structOf(news));
    const answer = await this.#call("check", request);
    return {
      inputs: propertiesOf(answer.getInputs()),
      failures: answer.getFailuresList().map((failure) => failure.toObject()),
    };
  }

  async diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace: boolean }> {
    const request = new messages.DiffRequest();
    request.setId(id);
    request.setOlds(structOf(olds));
    request.setNews(structOf(news));
    const answer = await this.#call("diff", request);
    return {
      changes: answer.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: answer.getReplacesList(),
      deleteBeforeReplace: answer.getDeletebeforereplace(),
    };
  }

  async create(properties: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new messages.CreateRequest();
    request.setProperties(structOf(properties));
    const answer = await this.#call("create", request);
    return { id: answer.getId(), properties: propertiesOf(answer.getProperties()) };
  }

  /** An empty id means that it is gone. */
  async read(id: string, properties: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new messages.ReadRequest();
    request.setId(id);
    request.setProperties(structOf(properties));
    const answer = await this.#call("read", request);
    return { id: answer.getId(), properties: propertiesOf(answer.getProperties()) };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new messages.UpdateRequest();
    request.setId(id);
    request.setOlds(structOf(olds));
    request.setNews(structOf(news));
    return propertiesOf((await this.#call("update", request)).getProperties());
  }

  async delete(id: string, properties: Properties): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setId(id);
    request.setProperties(structOf(properties));
    await this.#call("delete", request);
  }

  /** What Pulumi sends at the end of an operation, and when the user has pressed ^C twice. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** What it may be sent when its terminal is closed. */
  hangUp(): void {
    this.#child.kill("SIGHUP");
  }

  /** Closes the other ends of its standard output and error. Each write to them then fails with EPIPE. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    this.#client.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  #call<Method extends keyof Methods>(
    method: Method,
    request: Methods[Method]["request"],
  ): Promise<Methods[Method]["answer"]> {
    return new Promise((resolve, reject) => {
      const done: requestCallback<Methods[Method]["answer"]> = (error, answer) =>
        error || answer === undefined ? reject(error ? new OperationError(error) : error) : resolve(answer);
      const send = this.#client[method] as (
        request: Methods[Method]["request"],
        callback: requestCallback<Methods[Method]["answer"]>,
      ) => unknown;
      send.call(this.#client, request, done);
    });
  }
}

type Message<Name extends keyof typeof messages> = (typeof messages)[Name] extends {
  prototype: infer Instance;
}
  ? Instance
  : never;

interface Methods {
  configure: { request: Message<"ConfigureRequest">; answer: Message<"ConfigureResponse"> };
  check: { request: Message<"CheckRequest">; answer: Message<"CheckResponse"> };
  diff: { request: Message<"DiffRequest">; answer: Message<"DiffResponse"> };
  create: { request: Message<"CreateRequest">; answer: Message<"CreateResponse"> };
  read: { request: Message<"ReadRequest">; answer: Message<"ReadResponse"> };
  update: { request: Message<"UpdateRequest">; answer: Message<"UpdateResponse"> };
  delete: { request: Message<"DeleteRequest">; answer: object };
}

function initFailureOf(error: ServiceError): InitFailure | undefined {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Uint8Array)) return undefined;
  const [detail] = statusMessages.Status.deserializeBinary(bytes).getDetailsList();
  if (detail === undefined) return undefined;
  const failure = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  return {
    id: failure.getId(),
    properties: propertiesOf(failure.getProperties()),
    reasons: failure.getReasonsList(),
  };
}

const structOf = (properties: Properties): Struct =>
  structMessages.Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));

const propertiesOf = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};
