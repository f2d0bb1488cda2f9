import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Datastore } from "../../../simulator/datastore/datastore.ts";
import { handleFolder } from "../../../simulator/datastore/folder.ts";

let dir: string;
let datastore: Datastore;
let server: Server;
let handled: Promise<void>[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "folder-"));
  datastore = await Datastore.open(dir, { name: "data 1", uuid: "u", capacityBytes: 100_000 });
  handled = [];
  server = createServer((incoming, response) => {
    handled.push(
      handleFolder(incoming, response, {
        datastores: new Map([["data 1", datastore]]),
        authenticated: incoming.headers.authorization === "Basic ok",
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(handled);
  await rm(dir, { recursive: true });
});

function port(): number {
  return (server.address() as AddressInfo).port;
}

async function send(
  method: string,
  path: string,
  body?: string | Buffer,
  query = "?dcPath=ha-datacenter&dsName=data%201",
) {
  const response = await fetch(`http://127.0.0.1:${port()}/folder${path}${query}`, {
    method,
    headers: { authorization: "Basic ok" },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

describe("/folder", () => {
  it("takes, shows and deletes a file", async () => {
    await datastore.makeDirectory("a b");
    expect((await send("PUT", "/a%20b/x%2By.iso", "hello")).status).toBe(201);
    expect((await send("PUT", "/a%20b/x%2By.iso", "hello!")).status).toBe(200);
    expect(await readFile(join(dir, "a b/x+y.iso"), "utf8")).toBe("hello!");
    expect(datastore.usedBytes()).toBe(6);
    expect((await send("GET", "/a%20b/x+y.iso")).body).toBe("hello!");
    const head = await send("HEAD", "/a%20b/x+y.iso");
    expect([head.status, head.headers.get("content-length"), head.body]).toEqual([200, "6", ""]);
    expect((await send("DELETE", "/a%20b/x+y.iso")).status).toBe(204);
    expect((await send("DELETE", "/a%20b/x+y.iso")).status).toBe(404);
    expect(datastore.usedBytes()).toBe(0);
  });

  it("wants a login", async () => {
    const response = await fetch(`http://127.0.0.1:${port()}/folder?dcPath=ha-datacenter&dsName=data%201`);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic/);
  });

  it("lists datacenters, datastores and folders as pages", async () => {
    await datastore.makeDirectory("vm&1");
    await datastore.writeFile("vm&1/a <b>.vmx", "12345");
    expect((await send("GET", "", undefined, "")).body).toContain('href="/folder?dcPath=ha%2ddatacenter"');
    expect((await send("GET", "", undefined, "?dcPath=ha-datacenter")).body).toContain("dsName=data%201");
    expect((await send("GET", "")).body).toContain(">vm&amp;1/</a>");
    const folder = await send("GET", "/vm%261/");
    expect(folder.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(folder.body).toContain(
      '<a href="/folder/vm%261/a%20%3Cb%3E.vmx?dcPath=ha%2ddatacenter&amp;dsName=data%201">a &lt;b&gt;.vmx</a>',
    );
    expect(folder.body).toContain('<td align="right">5</td>');
  });

  it.each([
    ["an unknown datastore", "?dcPath=ha-datacenter&dsName=other", 404],
    ["an unknown datacenter", "?dcPath=dc1&dsName=data%201", 404],
    ["a plus sign for a space", "?dcPath=ha-datacenter&dsName=data+1", 404],
    ["no datastore", "?dcPath=ha-datacenter", 404],
  ])("refuses %s", async (_, query, status) => {
    expect((await send("GET", "/x", undefined, query)).status).toBe(status);
  });

  it("refuses a PUT onto a folder, into a missing one, and out of the datastore", async () => {
    await datastore.makeDirectory("vm");
    expect((await send("PUT", "/vm", "x")).status).toBe(405);
    expect((await send("PUT", "", "x")).status).toBe(405);
    expect((await send("PUT", "/missing/x", "x")).status).toBe(404);
    expect((await send("PUT", "/vm%2f..%2f..%2fx", "x")).status).toBe(400);
    expect((await send("POST", "/vm/x", "x")).status).toBe(405);
    expect(await readdir(dir, { recursive: true })).toEqual(["vm"]);
    expect(datastore.usedBytes()).toBe(0);
  });

  it("refuses what does not fit, and leaves nothing of it", async () => {
    const answer = await send("PUT", "/big", Buffer.alloc(100_001));
    expect(answer.status).toBe(500);
    expect(answer.body).toContain("Insufficient disk space on datastore 'data 1'");
    expect(await readdir(dir)).toEqual([]);
    expect(datastore.usedBytes()).toBe(0);
  });

  it("refuses a PUT without a length", async () => {
    const outgoing = request(`http://127.0.0.1:${port()}/folder/x?dcPath=ha-datacenter&dsName=data%201`, {
      method: "PUT",
      headers: { authorization: "Basic ok", "transfer-encoding": "chunked" },
    });
    outgoing.end("x");
    const [response] = await once(outgoing, "response");
    response.resume();
    expect(response.statusCode).toBe(411);
  });

  it("keeps the old file when an upload breaks off", async () => {
    await datastore.writeFile("x", "old");
    const socket = connect(port(), "127.0.0.1");
    socket.write(
      "PUT /folder/x?dcPath=ha-datacenter&dsName=data%201 HTTP/1.1\r\nHost: h\r\n" +
        "Authorization: Basic ok\r\nContent-Length: 50000\r\n\r\nnew",
    );
    await expect.poll(() => readdir(dir)).toHaveLength(2);
    expect(datastore.usedBytes()).toBe(50_003);
    socket.destroy();
    await expect.poll(() => readdir(dir)).toEqual(["x"]);
    await Promise.all(handled);
    expect(await readFile(join(dir, "x"), "utf8")).toBe("old");
    expect(datastore.usedBytes()).toBe(3);
  });
});
