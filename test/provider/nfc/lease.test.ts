import { afterEach, describe, expect, test } from "vitest";
import { HttpNfcLease } from "../../../provider/nfc/lease.ts";
import { VimClient } from "../../../provider/vim/client.ts";
import { isFault } from "../../../provider/vim/faults.ts";
import { createHostAgent } from "../../../provider/vim/tls/tls.ts";
import {
  type Reply,
  type SoapCall,
  serviceContent,
  startSoapServer,
  USER_SESSION,
} from "../vim/soap-server.ts";

const LEASE = { type: "HttpNfcLease", value: "52lease" };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A host with one lease; its properties are read anew each time, and never pushed. */
async function startLease(
  properties: Readonly<Record<string, string>>,
  answers: Readonly<Record<string, (call: SoapCall) => Reply | Promise<Reply>>> = {},
) {
  const isAsked = (body: string, name: string) =>
    body.includes("<type>HttpNfcLease</type>") && body.includes(`<pathSet>${name}</pathSet>`);
  const propSet = (body: string) =>
    Object.entries(properties)
      .filter(([name]) => isAsked(body, name))
      .map(([name, val]) => `<propSet><name>${name}</name>${val}</propSet>`);
  const usual: typeof answers = {
    RetrieveServiceContent: () => ({ xml: serviceContent() }),
    Login: () => ({ xml: USER_SESSION }),
    Logout: () => ({ xml: "" }),
    RetrievePropertiesEx: ({ body }) => ({
      xml: `<returnval><objects><obj type="HttpNfcLease">52lease</obj>${propSet(body).join("")}</objects></returnval>`,
    }),
    HttpNfcLeaseProgress: () => ({ xml: "" }),
    HttpNfcLeaseComplete: () => ({ xml: "" }),
    HttpNfcLeaseAbort: () => ({ xml: "" }),
  };
  const host = await startSoapServer((call) => {
    const answer = answers[call.method] ?? usual[call.method];
    if (!answer) throw new Error(`the test has no answer to ${call.method}`);
    return answer(call);
  });
  const agent = createHostAgent({ origin: host.origin });
  const client = new VimClient({
    host: "lab1",
    origin: host.origin,
    username: "root",
    password: () => "pw",
    agent,
    retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 },
  });
  closing.push(() => host.close());
  closing.push(() => agent.destroy());
  return { host, lease: new HttpNfcLease(client, LEASE) };
}

const state = (value: string) => `<val xsi:type="HttpNfcLeaseState">${value}</val>`;
const INFO = `<val xsi:type="HttpNfcLeaseInfo"><lease type="HttpNfcLease">52lease</lease>
  <entity type="VirtualMachine">7</entity><deviceUrl><key>/7/VirtualLsiLogicController0:0</key><importKey>/vm/Disk:0</importKey>
  <url>https://*/nfc/52ticket/disk-0.vmdk</url><sslThumbprint>AA:BB</sslThumbprint><disk>true</disk></deviceUrl>
  <totalDiskCapacityInKB>1024</totalDiskCapacityInKB><leaseTimeout>300</leaseTimeout></val>`;

async function failure(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("it did not fail");
  return error;
}

describe("waiting for a lease", () => {
  test("gives what to upload where, once it is ready", async () => {
    const { lease } = await startLease({ state: state("ready"), info: INFO });
    const info = await lease.waitReady();
    expect(info.entity).toEqual({ type: "VirtualMachine", value: "7" });
    expect(info.deviceUrl?.[0]?.url).toBe("https://*/nfc/52ticket/disk-0.vmdk");
    expect(info.leaseTimeout).toBe(300);
  });

  test("fails with the host's fault if the import cannot begin", async () => {
    const error = `<val xsi:type="LocalizedMethodFault"><fault xsi:type="DuplicateName"><name>a</name>
      <object type="VirtualMachine">3</object></fault><localizedMessage>The name 'a' already exists.</localizedMessage></val>`;
    const { lease } = await startLease({ state: state("error"), error });
    const thrown = await failure(lease.waitReady());
    expect(isFault(thrown, "DuplicateName")).toBe(true);
    expect(thrown.message).toBe("lab1: ImportVApp failed: The name 'a' already exists (DuplicateName)");
  });

  test("fails also if the host does not say why", async () => {
    const { lease } = await startLease({ state: state("error") });
    expect((await failure(lease.waitReady())).message).toBe(
      "lab1: ImportVApp failed: the host gave the import up (MethodFault)",
    );
  });

  test("does not take what the host says before it is ready", async () => {
    const { lease } = await startLease(
      { state: state("initializing"), info: INFO },
      { CreatePropertyCollector: () => "never", CreateListView: () => "never" },
    );
    const run = new AbortController();
    const reason = new Error("^C");
    const waiting = failure(lease.waitReady(run.signal));
    await new Promise((resolve) => setTimeout(resolve, 100));
    run.abort(reason);
    expect(await waiting).toBe(reason);
  });
});

describe("progress", () => {
  test("is reported again and again, even if the percentage does not move, until the lease is completed", async () => {
    const { host, lease } = await startLease({});
    lease.startProgress({ percent: () => 42.7, intervalMs: 5 });
    await expect.poll(() => host.count("HttpNfcLeaseProgress")).toBeGreaterThan(3);
    expect(host.calls.find(({ method }) => method === "HttpNfcLeaseProgress")?.body).toContain(
      "<percent>42</percent>",
    );
    await lease.complete();
    const before = host.count();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(host.count()).toBe(before);
    expect(host.calls.at(-1)?.method).toBe("HttpNfcLeaseComplete");
  });

  test("has one report in flight at most, and none when the lease is completed", async () => {
    let answer = () => {};
    const { host, lease } = await startLease(
      {},
      {
        HttpNfcLeaseProgress: () =>
          new Promise<Reply>((resolve) => {
            answer = () => resolve({ xml: "" });
          }),
      },
    );
    lease.startProgress({ percent: () => 1, intervalMs: 5 });
    await expect.poll(() => host.count("HttpNfcLeaseProgress")).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(host.count("HttpNfcLeaseProgress")).toBe(1);
    await lease.complete();
    answer();
    expect(host.count("HttpNfcLeaseProgress")).toBe(1);
  });

  test("that the host refuses is told, and reports go on", async () => {
    const { host, lease } = await startLease(
      {},
      { HttpNfcLeaseProgress: () => ({ fault: "Timedout", message: "Operation timed out." }) },
    );
    const failures: unknown[] = [];
    lease.startProgress({ percent: () => 1, intervalMs: 5, onFailure: (error) => failures.push(error) });
    await expect.poll(() => failures.length).toBeGreaterThan(1);
    expect(isFault(failures[0], "Timedout")).toBe(true);
    await lease.abort();
    expect(host.calls.at(-1)?.method).toBe("HttpNfcLeaseAbort");
  });
});

describe("progress of a lease that has ended", () => {
  test("is not reported, nor twice at once of one that goes on", async () => {
    const { host, lease } = await startLease({});
    let asked = 0;
    lease.startProgress({ percent: () => 1, intervalMs: 5 });
    lease.startProgress({ percent: () => asked++, intervalMs: 5 });
    await expect.poll(() => host.count("HttpNfcLeaseProgress")).toBeGreaterThan(2);
    expect(asked).toBe(0);
    await lease.complete();
    lease.startProgress({ percent: () => asked++, intervalMs: 5 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toBe(0);
  });
});

describe("the end of a run", () => {
  test.each([
    ["HttpNfcLeaseComplete", (lease: HttpNfcLease, signal: AbortSignal) => lease.complete(signal)],
    ["HttpNfcLeaseGetManifest", (lease: HttpNfcLease, signal: AbortSignal) => lease.manifest(signal)],
  ])("ends %s", async (method, call) => {
    const run = new AbortController();
    const { host, lease } = await startLease({}, { [method]: () => "never" });
    const calling = failure(call(lease, run.signal));
    await expect.poll(() => host.count(method)).toBe(1);
    const reason = new Error("^C");
    run.abort(reason);
    expect(await calling).toBe(reason);
  });
});

describe("the end of a lease", () => {
  test("by abort says for which fault, if there is one", async () => {
    const { host, lease } = await startLease({});
    await lease.abort({ fault: { $type: "MethodFault" }, localizedMessage: "the upload failed" });
    expect(host.calls.at(-1)?.body).toContain("the upload failed");
  });

  test("by completion does not count if its answer is lost and the host cannot be asked", async () => {
    const { lease } = await startLease(
      {},
      {
        HttpNfcLeaseComplete: () => "drop connection",
        RetrievePropertiesEx: () => ({ fault: "ManagedObjectNotFound" }),
      },
    );
    expect((await failure(lease.complete())).name).toBe("TransportError");
  });

  test("is told to the host once, however often it is aborted", async () => {
    const { host, lease } = await startLease({});
    await Promise.all([lease.abort(), lease.abort()]);
    await lease.abort();
    expect(host.count("HttpNfcLeaseAbort")).toBe(1);
  });

  test("by completion leaves nothing to abort", async () => {
    const { host, lease } = await startLease({});
    await lease.complete();
    await lease.abort();
    expect(host.count("HttpNfcLeaseAbort")).toBe(0);
  });

  test.each(["ManagedObjectNotFound", "InvalidState"])(
    "that came before the abort (%s) is as good",
    async (fault) => {
      const { host, lease } = await startLease({}, { HttpNfcLeaseAbort: () => ({ fault }) });
      await lease.abort();
      await lease.abort();
      expect(host.count("HttpNfcLeaseAbort")).toBe(1);
    },
  );

  test("that the host refuses to hear of is an error, and is told again", async () => {
    let faults = 0;
    const { host, lease } = await startLease(
      {},
      { HttpNfcLeaseAbort: () => (faults++ === 0 ? { fault: "SystemError" } : { xml: "" }) },
    );
    expect(isFault(await failure(lease.abort()), "SystemError")).toBe(true);
    await lease.abort();
    expect(host.count("HttpNfcLeaseAbort")).toBe(2);
  });

  test("by completion counts if its answer is lost but the host says that it is done", async () => {
    const { host, lease } = await startLease(
      { state: state("done") },
      { HttpNfcLeaseComplete: () => "drop connection" },
    );
    await lease.complete();
    expect(host.count("HttpNfcLeaseComplete")).toBe(1);
    await lease.abort();
    expect(host.count("HttpNfcLeaseAbort")).toBe(0);
  });

  test("by completion does not count if its answer is lost and the host still waits", async () => {
    const { host, lease } = await startLease(
      { state: state("ready") },
      { HttpNfcLeaseComplete: () => "drop connection" },
    );
    expect((await failure(lease.complete())).name).toBe("TransportError");
    await lease.abort();
    expect(host.count("HttpNfcLeaseAbort")).toBe(1);
  });

  test("by completion fails with the host's fault, and the lease can still be aborted", async () => {
    const { host, lease } = await startLease({}, { HttpNfcLeaseComplete: () => ({ fault: "InvalidState" }) });
    expect(isFault(await failure(lease.complete()), "InvalidState")).toBe(true);
    await lease.abort();
    expect(host.count("HttpNfcLeaseAbort")).toBe(1);
  });
});

describe("why a lease failed", () => {
  const error = `<val xsi:type="LocalizedMethodFault"><fault xsi:type="FileLocked"/><localizedMessage>locked</localizedMessage></val>`;

  test("is what the host says", async () => {
    const { lease } = await startLease({ state: state("error"), error });
    expect((await lease.failure())?.message).toBe("lab1: ImportVApp failed: locked (FileLocked)");
  });

  test.each([
    ["it has not failed", { state: state("ready"), error }],
    ["the host does not say", { state: state("error") }],
  ])("is not known if %s", async (_, properties: Readonly<Record<string, string>>) => {
    const { host, lease } = await startLease(properties);
    expect(await lease.failure()).toBeUndefined();
    expect(host.count("RetrievePropertiesEx")).toBe(1);
  });

  test("is not known if the host cannot be asked", async () => {
    const { host, lease } = await startLease(
      {},
      { RetrievePropertiesEx: () => ({ fault: "ManagedObjectNotFound" }) },
    );
    expect(await lease.failure()).toBeUndefined();
    expect(host.count("RetrievePropertiesEx")).toBe(1);
  });
});

describe("the manifest", () => {
  test("has the host's digests by device key", async () => {
    const entry =
      "<returnval><key>/7/disk</key><sha1>ab</sha1><checksum>cd</checksum><checksumType>sha256</checksumType>" +
      "<size>10</size><disk>true</disk></returnval>";
    const { lease } = await startLease({}, { HttpNfcLeaseGetManifest: () => ({ xml: entry }) });
    expect(await lease.manifest()).toEqual([
      {
        $type: "HttpNfcLeaseManifestEntry",
        key: "/7/disk",
        sha1: "ab",
        checksum: "cd",
        checksumType: "sha256",
        size: 10,
        disk: true,
      },
    ]);
  });

  test.each<[string, Reply]>([
    ["has none to offer", { fault: "NotSupported" }],
    ["does not know what that is", { fault: "MethodNotFound" }],
    ["has received nothing", { xml: "" }],
  ])("is empty if the host %s", async (_, answer) => {
    const { lease } = await startLease({}, { HttpNfcLeaseGetManifest: () => answer });
    expect(await lease.manifest()).toEqual([]);
  });

  test("that the host fails to give is an error", async () => {
    const { lease } = await startLease({}, { HttpNfcLeaseGetManifest: () => ({ fault: "SystemError" }) });
    expect(isFault(await failure(lease.manifest()), "SystemError")).toBe(true);
  });
});
