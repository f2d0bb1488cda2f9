import type { Dispatcher } from "undici";
import { errors } from "../../http-library.ts";
import { CertificateError } from "../tls/certificate-error.ts";
import { ConnectError } from "../tls/connect-error.ts";
import { hostAndPort } from "../tls/thumbprint.ts";
import { AnswerLimitError, type AnswerLimits, answerText } from "./answer-text.ts";
import { CookieJar } from "./cookie-jar.ts";
import { plainText } from "./plain-text.ts";
import { TransportError } from "./transport-error.ts";

export interface SoapTransportOptions {
  /** The host as the user named it, for messages. */
  readonly host: string;
  /** `https://name[:port]`. */
  readonly origin: string;
  readonly agent: Dispatcher;
  /** Default: 256 MiB, and ten minutes. */
  readonly answerLimits?: AnswerLimits | undefined;
}

/** 600 machines of a host are 20 MB, and pages of 100 are requested. */
const LIMITS: AnswerLimits = { bytes: 256 * 2 ** 20, milliseconds: 600_000 };

export interface SoapRequest {
  readonly method: string;
  readonly body: string;
  /** Value of the SOAPAction header, as `urn:vim25/8.0.2.0`. */
  readonly action: string;
  /** The longest wait for the connection's next byte, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Posts SOAP envelopes to one host and keeps its session cookie. Throws TransportError when no SOAP comes back,
 * CertificateError when the host is not the expected one, and the signal's reason when aborted.
 */
export class SoapTransport {
  readonly cookies = new CookieJar();
  readonly #options: SoapTransportOptions;

  constructor(options: SoapTransportOptions) {
    this.#options = options;
  }

  /** The text of the answer, which may also be a fault. */
  async post(request: SoapRequest): Promise<string> {
    request.signal?.throwIfAborted();
    const { agent, origin } = this.#options;
    const cookie = this.cookies.header();
    let status: number | undefined;
    try {
      const response = await agent.request({
        origin,
        path: "/sdk",
        method: "POST",
        headers: {
          "content-type": 'text/xml; charset="utf-8"',
          soapaction: request.action,
          ...(cookie === undefined ? {} : { cookie }),
        },
        body: request.body,
        headersTimeout: request.timeoutMs,
        bodyTimeout: request.timeoutMs,
        signal: request.signal ?? null,
      });
      status = response.statusCode;
      this.cookies.store(response.headers["set-cookie"]);
      const text = await answerText(response.body, this.#options.answerLimits ?? LIMITS);
      if (status === 200 || status === 500) return text;
      throw this.#refused(request.method, status, text);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw this.#explain(request, error, status);
    }
  }

  #refused(method: string, status: number, text: string): TransportError {
    const { host } = this.#options;
    const hint =
      status === 503
        ? "its management service is busy or restarting"
        : status === 404
          ? "there is no vSphere API under /sdk; is this an ESXi host?"
          : plainText(text, 200);
    const words = hint === "" ? "" : `: ${hint}`;
    return new TransportError(`${method} was answered with HTTP ${status}${words}`, {
      host,
      requestSent: true,
      status,
    });
  }

  #explain(request: SoapRequest, error: unknown, status: number | undefined): Error {
    if (error instanceof TransportError || error instanceof CertificateError) return error;
    const { host, origin } = this.#options;
    const target = hostAndPort(origin);
    if (error instanceof ConnectError) {
      return new TransportError(`cannot connect to ${target}: ${explainConnect(error)}`, {
        host,
        requestSent: false,
        cause: error,
      });
    }
    const lost = {
      host,
      status,
      requestSent: status === undefined ? ("unknown" as const) : true,
      cause: error,
    };
    if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
      const waited = `${request.timeoutMs / 1000} s`;
      return new TransportError(`${target} did not answer ${request.method} within ${waited}`, {
        ...lost,
        timedOut: true,
      });
    }
    if (error instanceof AnswerLimitError) {
      return new TransportError(
        `the answer of ${target} to ${request.method} was not taken: ${error.message}`,
        lost,
      );
    }
    const why = error instanceof Error ? error.message : String(error);
    return new TransportError(`the connection to ${target} broke during ${request.method}: ${why}`, lost);
  }
}

function explainConnect(error: ConnectError): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return "connection refused (is the host up, and is this its port?)";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the name cannot be resolved";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "there is no route to the host";
    case "UND_ERR_CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return "no answer in time (is the host up, is a firewall in between?)";
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "EPROTO":
      return "the port does not speak TLS";
    default:
      return error.message;
  }
}
