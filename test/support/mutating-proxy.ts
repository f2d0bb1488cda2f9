import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, request as ask, createServer, type Server } from "node:https";
import { makeCertificate } from "../provider/vim/certificates.ts";
import { type Chance, mutateAnswer } from "./mutate-answer.ts";

interface Armed {
  readonly answer: number;
  readonly chance: Chance;
}

/** Stands between a client and a host, and makes one answer wrong when told so. */
export class MutatingProxy {
  readonly origin: string;
  readonly thumbprint: string;
  /** What was made wrong last. */
  done: string | undefined;
  readonly #target: () => string;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  /** Ids of objects that the host has told of, by their type. */
  readonly #ids = new Map<string, Set<string>>();
  #armed: Armed | undefined;
  #answers = 0;

  private constructor(server: Server, port: number, thumbprint: string, target: () => string) {
    this.#server = server;
    this.#target = target;
    this.origin = `https://127.0.0.1:${port}`;
    this.thumbprint = thumbprint;
  }

  /** @param target The host's URL, asked for each request. */
  static async before(target: () => string): Promise<MutatingProxy> {
    const { cert, key, thumbprint } = await makeCertificate("127.0.0.1");
    const server = createServer({ cert, key });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy has no port");
    const proxy = new MutatingProxy(server, address.port, thumbprint, target);
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      proxy.#pass(request, response).catch(() => response.destroy());
    });
    return proxy;
  }

  /** How many answers have passed since the last call of this or of {@link arm}. */
  get answers(): number {
    return this.#answers;
  }

  /** From now on the answer of that number, from 0, is made wrong. */
  arm(answer: number | undefined, chance: Chance): void {
    this.#answers = 0;
    this.done = undefined;
    this.#armed = answer === undefined ? undefined : { answer, chance };
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isSoap = request.url === "/sdk";
    const forward = ask(new URL(request.url ?? "/", this.#target()), {
      method: request.method,
      agent: this.#agent,
      headers: withoutHop(request.headers, isSoap),
    });
    const answered = once(forward, "response");
    if (isSoap) {
      // A host that ends its waits soon: what a wrong answer has hidden shows at the next look.
      const text = (await bodyOf(request)).toString();
      forward.end(text.replace(/<maxWaitSeconds>\d+</, "<maxWaitSeconds>1<"));
    } else request.pipe(forward);
    response.once("close", () => forward.destroy());
    const [answer] = (await answered) as [IncomingMessage];
    const bytes = await bodyOf(answer);
    const original = { status: answer.statusCode ?? 0, body: bytes.toString() };
    this.#learn(original.body);
    const number = this.#answers++;
    const { "content-length": _length, "transfer-encoding": _encoding, ...headers } = answer.headers;
    if (number !== this.#armed?.answer) {
      response.writeHead(original.status, { ...headers, "content-length": bytes.byteLength }).end(bytes);
      return;
    }
    const { chance } = this.#armed;
    const mutant = mutateAnswer(original, chance, this.#ids);
    const method = /:Body>\s*<(\w+)/.exec(original.body)?.[1] ?? `${request.method} ${request.url}`;
    this.done = `in ${method}: ${mutant.what}`;
    response.writeHead(mutant.status, { ...headers, "content-length": Buffer.byteLength(mutant.body) });
    if (!mutant.cut) response.end(mutant.body);
    else response.write(mutant.body.slice(0, mutant.body.length / 2), () => response.destroy());
  }

  #learn(body: string): void {
    for (const [, type = "", id = ""] of body.matchAll(/ type="(\w+)"[^>]*>([^<]+)</g)) {
      const known = this.#ids.get(type) ?? new Set();
      this.#ids.set(type, known.add(id));
    }
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function withoutHop(headers: IncomingMessage["headers"], isSoap: boolean): IncomingMessage["headers"] {
  const { host: _host, connection: _connection, "content-length": length, ...others } = headers;
  return isSoap || length === undefined ? others : { ...others, "content-length": length };
}
