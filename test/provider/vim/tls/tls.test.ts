import { once } from "node:events";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CertificateError } from "../../../../provider/vim/tls/certificate-error.ts";
import { ThumbprintError } from "../../../../provider/vim/tls/thumbprint.ts";
import { createHostAgent, type HostAgentOptions } from "../../../../provider/vim/tls/tls.ts";
import { makeCertificate, type TestCertificate } from "../certificates.ts";

let host: TestCertificate;
let other: TestCertificate;
let elsewhere: TestCertificate;
let server: Server;
let received: string;
let origin: string;
const sockets = new Set<TLSSocket>();
const agents: { destroy(): Promise<void> }[] = [];

beforeAll(async () => {
  host = await makeCertificate("127.0.0.1");
  other = await makeCertificate("127.0.0.1");
  elsewhere = await makeCertificate("esxi.example");
});

beforeEach(async () => {
  received = "";
  server = createServer({ key: host.key, cert: host.cert }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (data) => {
      received += data.toString("latin1");
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    });
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  origin = `https://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.destroy();
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
});

afterAll(() => expect(sockets.size).toBe(0));

function agentWith(options: Omit<HostAgentOptions, "origin">) {
  const agent = createHostAgent({ origin, ...options });
  agents.push(agent);
  return agent;
}

async function get(agent: ReturnType<typeof agentWith>): Promise<string> {
  const response = await agent.request({ origin, path: "/", method: "GET", headers: { cookie: "secret=1" } });
  return response.body.text();
}

async function refusal(options: Omit<HostAgentOptions, "origin">): Promise<CertificateError> {
  const error: unknown = await get(agentWith(options)).catch((reason: unknown) => reason);
  if (!(error instanceof CertificateError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

describe("with a thumbprint", () => {
  test.each([
    ["as openssl prints it", (text: string) => text],
    ["in lower case without colons", (text: string) => text.toLowerCase().replaceAll(":", "")],
    ["with spaces", (text: string) => ` ${text.replaceAll(":", " ")} `],
  ])("%s, that certificate is accepted", async (_how, write) => {
    expect(await get(agentWith({ thumbprint: write(host.thumbprint) }))).toBe("ok");
  });

  test("the certificate's name does not matter", async () => {
    server.setSecureContext({ key: elsewhere.key, cert: elsewhere.cert });
    expect(await get(agentWith({ thumbprint: elsewhere.thumbprint }))).toBe("ok");
  });

  test("another certificate is refused before anything is sent, and shown with how to accept it", async () => {
    const error = await refusal({ thumbprint: other.thumbprint });
    expect(error.presentedThumbprint).toBe(host.thumbprint);
    expect(error.message).toContain(host.thumbprint);
    expect(error.message).toContain("configure it as the host's thumbprint");
    expect(received).toBe("");
  });

  test("another certificate is refused even if it is of the configured CA, or anything goes", async () => {
    await refusal({ thumbprint: other.thumbprint, ca: host.cert });
    await refusal({ thumbprint: other.thumbprint, insecure: true });
    expect(received).toBe("");
  });

  test("a certificate that changes between two connections of one agent is refused", async () => {
    const agent = agentWith({ thumbprint: host.thumbprint });
    expect(await get(agent)).toBe("ok");
    received = "";
    server.setSecureContext({ key: other.key, cert: other.cert });
    await expect(get(agent)).rejects.toThrow(CertificateError);
    expect(received).toBe("");
  });

  test("as openssl prints it, words and all, it is accepted", async () => {
    expect(await get(agentWith({ thumbprint: `sha256 Fingerprint=${host.thumbprint}` }))).toBe("ok");
  });

  test("of SHA-1, the way to get the other is told", () => {
    expect(() => createHostAgent({ origin, thumbprint: host.sha1 })).toThrow(ThumbprintError);
    expect(() => createHostAgent({ origin, thumbprint: host.sha1 })).toThrow(
      /SHA-1.*openssl s_client -connect 127/,
    );
  });

  test.each(["", "abc", "not hex at all", `${"AB:".repeat(31)}XY`])(
    "that is none, as %j, it is refused",
    (text) => {
      expect(() => createHostAgent({ origin, thumbprint: text })).toThrow(
        /not a SHA-256 thumbprint.*openssl/,
      );
    },
  );
});

describe("with a CA", () => {
  test("what it has issued for the host's name is accepted", async () => {
    expect(await get(agentWith({ ca: host.cert }))).toBe("ok");
  });

  test("what another has issued is refused", async () => {
    const error = await refusal({ ca: other.cert });
    expect(error.message).toContain("not issued by the configured CA");
    expect(error.presentedThumbprint).toBe(host.thumbprint);
    expect(received).toBe("");
  });

  test("what it has issued for another name is refused", async () => {
    server.setSecureContext({ key: elsewhere.key, cert: elsewhere.cert });
    const error = await refusal({ ca: elsewhere.cert });
    expect(error.message).toContain("issued for another host name");
    expect(received).toBe("");
  });
});

describe("with no setting", () => {
  test("a self-signed certificate is refused, and shown", async () => {
    const error = await refusal({});
    expect(error.message).toContain("self-signed");
    expect(error.message).toContain(host.thumbprint);
    expect(received).toBe("");
  });
});

describe("with insecure", () => {
  test("any certificate is accepted", async () => {
    server.setSecureContext({ key: elsewhere.key, cert: elsewhere.cert });
    expect(await get(agentWith({ insecure: true }))).toBe("ok");
  });
});

describe("with the SHA-1 thumbprint of a lease", () => {
  test("that certificate is accepted", async () => {
    expect(await get(agentWith({ leaseThumbprint: host.sha1 }))).toBe("ok");
  });

  test("another is refused before anything is sent", async () => {
    const error = await refusal({ leaseThumbprint: other.sha1 });
    expect(error.message).toContain("announced for this transfer");
    expect(received).toBe("");
  });
});
