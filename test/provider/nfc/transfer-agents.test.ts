import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { afterEach, expect, test } from "vitest";
import { resolveDeviceUrl } from "../../../provider/nfc/device-url.ts";
import { NfcError } from "../../../provider/nfc/nfc-error.ts";
import { TransferAgents } from "../../../provider/nfc/transfer-agents.ts";
import { create } from "../../../provider/vim/codec/objects.ts";
import { CertificateError } from "../../../provider/vim/tls/certificate-error.ts";
import { createHostAgent } from "../../../provider/vim/tls/tls.ts";
import { makeCertificate, type TestCertificate } from "../vim/certificates.ts";

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startServer({ cert, key }: TestCertificate): Promise<string> {
  const server = createServer({ cert, key }, (_request, response) => response.end("ok")).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  return `https://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const device = (url: string, sslThumbprint: string) =>
  create("HttpNfcLeaseDeviceUrl", { key: "k", importKey: "i", url, sslThumbprint });

test.each([
  ["https://*/nfc/a/disk-0.vmdk", "https://esxi1:8443", "https://esxi1:8443/nfc/a/disk-0.vmdk"],
  ["https://*:443/nfc/a/b%20c", "https://esxi1", "https://esxi1/nfc/a/b%20c"],
  ["https://10.0.0.5:902/nfc/a/b", "https://esxi1", "https://10.0.0.5:902/nfc/a/b"],
])("%s at %s is %s", (url, origin, resolved) => {
  expect(resolveDeviceUrl(url, origin).href).toBe(resolved);
});

test.each([
  ["http://10.0.0.5/nfc/a/b", "https://esxi1", "is not encrypted, as the connection to the host itself is"],
  ["ftp://10.0.0.5/nfc/a/b", "http://esxi1", "is not encrypted"],
  ["disk-0.vmdk", "https://esxi1", "cannot be read"],
  ["", "https://esxi1", "cannot be read"],
])("a lease's address %j at %s is refused: it %s", (url, origin, why) => {
  expect(() => resolveDeviceUrl(url, origin)).toThrow(NfcError);
  expect(() => resolveDeviceUrl(url, origin)).toThrow(why);
});

test("a connection in clear is no way around a pinned certificate", async () => {
  const server = createPlainServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => void server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const { thumbprint, sha1 } = await makeCertificate("127.0.0.1");
  for (const rule of [{ thumbprint }, { leaseThumbprint: sha1 }]) {
    const agent = createHostAgent({ origin, ...rule });
    closing.push(() => agent.destroy());
    await expect(agent.request({ origin, path: "/", method: "GET" })).rejects.toThrow(CertificateError);
  }
});

test("the host's own URLs go through the host's agent, others are held to the lease's thumbprint", async () => {
  const [host, transfer] = await Promise.all([makeCertificate("127.0.0.1"), makeCertificate("esxi.example")]);
  const [origin, elsewhere] = await Promise.all([startServer(host), startServer(transfer)]);
  const rule = { origin, thumbprint: host.thumbprint };
  const hostAgent = createHostAgent(rule);
  const agents = new TransferAgents(rule, hostAgent);
  closing.push(() => hostAgent.destroy());
  closing.push(() => agents.close());

  expect(agents.for(device("https://*/nfc/a", "00"))).toBe(hostAgent);
  expect(agents.for(device(`${origin}/nfc/a`, "00"))).toBe(hostAgent);
  const right = agents.for(device(`${elsewhere}/nfc/a`, transfer.sha1));
  expect(right).not.toBe(hostAgent);
  expect(agents.for(device(`${elsewhere}/nfc/b`, transfer.sha1))).toBe(right);
  const wrong = agents.for(device(`${elsewhere}/nfc/a`, host.sha1));
  const ask = { origin: elsewhere, path: "/nfc/a", method: "GET" as const };
  expect(await (await right.request(ask)).body.text()).toBe("ok");
  await expect(wrong.request(ask)).rejects.toThrow(CertificateError);
  // Newer hosts announce the SHA-256, or the whole certificate beside what else they send.
  for (const [sslThumbprint, sslCertificate] of [
    [transfer.thumbprint, undefined],
    ["", transfer.cert],
    [host.sha1, transfer.cert],
    [transfer.sha1, "no certificate"],
  ] as const) {
    const announced = { ...device(`${elsewhere}/nfc/c`, sslThumbprint), sslCertificate };
    expect(await (await agents.for(announced).request(ask)).body.text()).toBe("ok");
  }
  for (const other of [
    device(`${elsewhere}/nfc/c`, host.thumbprint),
    { ...device(`${elsewhere}/nfc/c`, ""), sslCertificate: host.cert },
  ])
    await expect(agents.for(other).request(ask)).rejects.toThrow(CertificateError);
  // A lease that announces nothing leaves the host's own rule, which this certificate does not meet.
  await expect(agents.for(device(`${elsewhere}/nfc/a`, "")).request(ask)).rejects.toThrow(CertificateError);
});
