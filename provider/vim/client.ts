import type { Dispatcher } from "undici";
import type { ManagedObjectReference, Method, ServiceContent, VimMethods } from "../../schema/index.ts";
import { API_VERSIONS, findMethod, versionIndex } from "../../schema/index.ts";
import { EncodeError } from "./codec/encode-error.ts";
import { XmlError } from "./codec/xml-reader.ts";
import { isFault, VimFault } from "./faults.ts";
import { Session } from "./session/session.ts";
import { expiredSessionIn } from "./session/session-expiry.ts";
import { abortable } from "./soap/abortable.ts";
import type { AnswerLimits } from "./soap/answer-text.ts";
import type { CallOptions, VimCaller } from "./soap/caller.ts";
import { isRepeatable } from "./soap/methods.ts";
import { DEFAULT_RETRY, type RetryPolicy, withRetry } from "./soap/retry.ts";
import { Semaphore } from "./soap/semaphore.ts";
import { decodeAnswer, encodeRequest } from "./soap/soap-envelope.ts";
import { SoapTransport } from "./soap/soap-transport.ts";
import { TransportError } from "./soap/transport-error.ts";
import { WaitLoop } from "./watch/wait-loop.ts";

export interface VimClientOptions {
  /** The host as the user named it, for messages. */
  readonly host: string;
  /** `https://name[:port]`. */
  readonly origin: string;
  readonly username: string;
  readonly password: () => string;
  /** The host's agent, from createHostAgent; the caller closes it. */
  readonly agent: Dispatcher;
  /** Gets a line about unusual events: logins, repetitions. Never a secret. */
  readonly log?: ((line: string) => void) | undefined;
  /** The most SOAP calls in flight, without long polls. Default 16. */
  readonly maxInFlight?: number | undefined;
  /** The longest wait for an answer, in milliseconds. Default 120,000. */
  readonly requestTimeoutMs?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** Limits for one answer. Default: 256 MiB, and ten minutes from its first byte to its last. */
  readonly answerLimits?: AnswerLimits | undefined;
}

const SERVICE_INSTANCE: ManagedObjectReference = { type: "ServiceInstance", value: "ServiceInstance" };
/** The version to use before the host's own is known. Every supported host understands it. */
const FIRST_VERSION = "6.5";
const FIRST_TIMEOUT_MS = 20_000;
const LOGOUT_TIMEOUT_MS = 10_000;
const WITHOUT_LOGIN: ReadonlySet<keyof VimMethods> = new Set(["RetrieveServiceContent", "Login", "Logout"]);

/**
 * The vSphere API of one host. The first call logs in. Calls at the same time share that login, and a session that has
 * expired is renewed once for all of them. Every call throws VimFault if the host refuses, TransportError if there is
 * no answer, CertificateError if it is not the expected host, EncodeError for a request that does not fit the schema or
 * the host's API version, and the signal's reason when aborted.
 */
export class VimClient implements VimCaller {
  readonly host: string;
  /** Tasks and property changes of this host. */
  readonly updates: WaitLoop;
  readonly #options: VimClientOptions;
  readonly #transport: SoapTransport;
  readonly #session: Session;
  readonly #places: Semaphore;
  #content: Promise<ServiceContent> | undefined;
  #logout: Promise<void> | undefined;
  #spoken: SpokenVersion = spokenVersion(FIRST_VERSION);
  #answered = false;

  constructor(options: VimClientOptions) {
    this.host = options.host;
    this.#options = options;
    this.#transport = new SoapTransport(options);
    this.#session = new Session(options, () => this.#login());
    this.#places = new Semaphore(options.maxInFlight ?? 16);
    this.updates = new WaitLoop(this);
  }

  get sessionNumber(): number {
    return this.#session.number;
  }

  /** Value of the Cookie header for this package's own transfers (`/folder`, NFC). Undefined before the login. */
  sessionCookie(): string | undefined {
    return this.#transport.cookies.header();
  }

  /** Logs in if that has not been done. */
  async connect(signal?: AbortSignal): Promise<void> {
    await abortable(this.#session.ensure(), signal);
  }

  /** The host's ServiceContent: its version, and references to its managers. Read once, without a login. */
  serviceContent(signal?: AbortSignal): Promise<ServiceContent> {
    this.#content ??= this.#retrieveContent().catch((error: unknown) => {
      this.#content = undefined;
      throw error;
    });
    return abortable(this.#content, signal);
  }

  /** Calls a method. For the errors see the class. */
  async call<M extends keyof VimMethods>(
    self: ManagedObjectReference,
    method: M,
    params: VimMethods[M]["params"],
    options: CallOptions = {},
  ): Promise<VimMethods[M]["result"]> {
    if (WITHOUT_LOGIN.has(method)) return this.#callOnce(self, method, params, options);
    await abortable(this.#session.ensure(), options.signal);
    const session = this.#session.number;
    try {
      return await this.#callOnce(self, method, params, options);
    } catch (error) {
      if (!isFault(error, "NotAuthenticated")) throw error;
      this.#options.log?.(`${this.host}: the session has expired, logging in again`);
      await abortable(this.#session.renew(session), options.signal);
      return this.#callOnce(self, method, params, options);
    }
  }

  /**
   * Ends the wait loop and the session, with everything that belongs to it. Never throws. A later call logs in again.
   */
  logout(): Promise<void> {
    this.#logout ??= this.#endSession().finally(() => {
      this.#logout = undefined;
    });
    return this.#logout;
  }

  async #retrieveContent(): Promise<ServiceContent> {
    const timeoutMs = Math.min(FIRST_TIMEOUT_MS, this.#timeoutMs());
    const content = await this.call(SERVICE_INSTANCE, "RetrieveServiceContent", {}, { timeoutMs });
    this.#spoken = spokenVersion(content.about.apiVersion);
    return content;
  }

  async #login(): Promise<void> {
    const { username, password } = this.#options;
    const { sessionManager } = await this.serviceContent();
    if (!sessionManager)
      throw new TransportError("it has no session manager", { host: this.host, requestSent: true });
    this.#transport.cookies.clear();
    try {
      await this.call(sessionManager, "Login", { userName: username, password: password() });
    } catch (error) {
      throw isFault(error, "InvalidLogin") ? refusedLogin(error, username) : error;
    }
  }

  async #endSession(): Promise<void> {
    await this.updates.stop();
    if (!this.#session.active) return;
    try {
      await this.#session.ensure();
      const { sessionManager } = await this.serviceContent();
      const options = { retry: false, timeoutMs: LOGOUT_TIMEOUT_MS };
      if (sessionManager) await this.call(sessionManager, "Logout", {}, options);
    } catch (error) {
      this.#options.log?.(
        `${this.host}: could not log out: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      this.#session.end();
      this.#transport.cookies.clear();
    }
  }

  async #callOnce<M extends keyof VimMethods>(
    self: ManagedObjectReference,
    name: M,
    params: VimMethods[M]["params"],
    options: CallOptions,
  ): Promise<VimMethods[M]["result"]> {
    const method = findMethod(name);
    if (!method) throw new Error(`The vim25 table has no method ${name}.`);
    const body = this.#encode(self, method, params);
    const send = () => this.#send(method, body, options);
    const sent = () => (options.longPoll ? send() : this.#places.run(send, options.signal));
    const attempt = () =>
      sent().catch((error: unknown) => {
        if (error instanceof TransportError && !error.safeToRepeat) error.call = { self, method: name };
        throw error;
      });
    if (options.retry === false) return attempt() as Promise<VimMethods[M]["result"]>;
    let timeouts = 0;
    const mayRepeat = (error: unknown) => {
      // A host that has never answered is more likely misspelled or off than busy, so this fails at once.
      if (!(error instanceof TransportError) || !this.#answered) return false;
      if (error.timedOut && ++timeouts > 1) return false;
      if (!error.safeToRepeat && !isRepeatable(name)) return false;
      this.#options.log?.(`${error.message}; ${name} is sent again`);
      return true;
    };
    const policy = this.#options.retry ?? DEFAULT_RETRY;
    const giveUp = (error: unknown) => {
      if (error instanceof TransportError) error.isSilence = error.safeToRepeat || isRepeatable(name);
      throw error;
    };
    return withRetry(policy, attempt, mayRepeat, options.signal).catch(giveUp) as Promise<
      VimMethods[M]["result"]
    >;
  }

  async #send(method: Method, body: string, options: CallOptions): Promise<unknown> {
    const text = await this.#post(method.name, body, options);
    const answer = this.#decode(method, text);
    const failure = "fault" in answer ? answer : expiredSessionIn(method, answer.result);
    if (failure) {
      const { fault, message } = failure;
      throw new VimFault({ host: this.host, method: method.name, fault, hostMessage: message });
    }
    return "result" in answer ? answer.result : undefined;
  }

  async #post(method: string, body: string, { timeoutMs, signal }: CallOptions): Promise<string> {
    try {
      const action = `urn:vim25/${this.#spoken.version}`;
      const text = await this.#transport.post({
        method,
        body,
        action,
        timeoutMs: timeoutMs ?? this.#timeoutMs(),
        signal,
      });
      this.#answered = true;
      return text;
    } catch (error) {
      if (error instanceof TransportError && error.status !== undefined) this.#answered = true;
      throw error;
    }
  }

  #encode(self: ManagedObjectReference, method: Method, parameters: object): string {
    try {
      return encodeRequest(self, method, parameters, this.#spoken.index);
    } catch (error) {
      throw error instanceof EncodeError ? error.on(this.host) : error;
    }
  }

  #decode(method: Method, text: string) {
    try {
      return decodeAnswer(method, text);
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      const problem = `the answer to ${method.name} cannot be read: ${error.message}`;
      throw new TransportError(problem, { host: this.host, requestSent: true, cause: error });
    }
  }

  #timeoutMs(): number {
    return this.#options.requestTimeoutMs ?? 120_000;
  }
}

/** The API version that is used with a host, and its index in the table. */
interface SpokenVersion {
  readonly version: string;
  readonly index: number;
}

/** The host's own version, or the newest one in the table. */
function spokenVersion(apiVersion: string): SpokenVersion {
  const index = versionIndex(apiVersion);
  const isNewest = index === API_VERSIONS.length - 1;
  return { index, version: (isNewest ? API_VERSIONS[index] : undefined) ?? apiVersion };
}

function refusedLogin(fault: VimFault, username: string): VimFault {
  const message =
    `${fault.host}: the host refused the user name or password of "${username}"` +
    `${fault.hostMessage ? ` ("${fault.hostMessage}")` : ""}. No further attempt is made, because ESXi locks an ` +
    "account for 15 minutes after 5 failures; if the password is right, it may be locked already.";
  return new VimFault(fault, message);
}
