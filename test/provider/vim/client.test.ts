import { EventEmitter, once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { VimClient, type VimClientOptions } from "../../../provider/vim/client.ts";
import { isFault, VimFault } from "../../../provider/vim/faults.ts";
import { retrieveAll, retrieveMany, retrieveOne } from "../../../provider/vim/reads/property-collector.ts";
import type { AnswerLimits } from "../../../provider/vim/soap/answer-text.ts";
import { TransportError } from "../../../provider/vim/soap/transport-error.ts";
import { createHostAgent } from "../../../provider/vim/tls/tls.ts";
import {
  type Reply,
  type SoapCall,
  type SoapServer,
  serviceContent,
  startSoapServer,
  USER_SESSION,
} from "./soap-server.ts";

const COOKIE = 'vmware_soap_session="s1"; Path=/; HttpOnly; Secure;';
const VM = { type: "VirtualMachine", value: "1" };
const SERVICE = { type: "ServiceInstance", value: "ServiceInstance" };
const FAST = { attempts: 5, baseDelayMs: 1, maxDelayMs: 2 };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Answers = Readonly<Record<string, (call: SoapCall) => Reply | Promise<Reply>>>;

/** A host that answers the usual calls, and the others as the test says. */
async function startHost(answers: Answers = {}): Promise<SoapServer> {
  const usual: Answers = {
    RetrieveServiceContent: () => ({ xml: serviceContent() }),
    Login: () => ({ xml: USER_SESSION, cookie: COOKIE }),
    Logout: () => ({ xml: "" }),
    CurrentTime: () => ({ xml: "<returnval>2024-01-01T00:00:00Z</returnval>" }),
  };
  const server = await startSoapServer((call) => {
    const answer = answers[call.method] ?? usual[call.method];
    if (!answer) throw new Error(`the test has no answer to ${call.method}`);
    return answer(call);
  });
  closing.push(() => server.close());
  return server;
}

function connect(origin: string, options: Partial<VimClientOptions> = {}): VimClient {
  const agent = createHostAgent({ origin });
  closing.push(() => agent.destroy());
  return new VimClient({
    host: "lab1",
    origin,
    username: "root",
    password: () => "hunter2",
    agent,
    retry: FAST,
    ...options,
  });
}

/** Gives the answers in turn, the last one again and again. */
function inTurn(...replies: Reply[]): () => Reply {
  return () => (replies.length > 1 ? replies.shift() : replies[0]) ?? "never";
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("it did not fail");
  return error;
}

const NOT_AUTHENTICATED: Reply = { fault: "NotAuthenticated", message: "The session is not authenticated." };

describe("the first call", () => {
  test("logs in, speaks the host's API version from then on, and carries the session's cookie", async () => {
    const host = await startHost();
    const client = connect(host.origin);
    expect(client.sessionCookie()).toBeUndefined();
    expect(await client.call(SERVICE, "CurrentTime", {})).toBe("2024-01-01T00:00:00Z");
    expect(host.calls.map(({ method, action }) => `${method} ${action}`)).toEqual([
      "RetrieveServiceContent urn:vim25/6.5",
      "Login urn:vim25/8.0.3.0",
      "CurrentTime urn:vim25/8.0.3.0",
    ]);
    expect(host.calls[2]?.cookie).toBe('vmware_soap_session="s1"');
    expect(client.sessionCookie()).toBe('vmware_soap_session="s1"');
  });

  test("of many at once makes one login and one request for the service content", async () => {
    const host = await startHost();
    const client = connect(host.origin);
    await Promise.all(Array.from({ length: 50 }, () => client.call(SERVICE, "CurrentTime", {})));
    expect(host.count("Login")).toBe(1);
    expect(host.count("RetrieveServiceContent")).toBe(1);
    expect(host.count("CurrentTime")).toBe(50);
  });

  test("to a host of a future version speaks the newest version that the schema has", async () => {
    const host = await startHost({ RetrieveServiceContent: () => ({ xml: serviceContent("12.0.0.0") }) });
    await connect(host.origin).call(SERVICE, "CurrentTime", {});
    expect(host.calls[2]?.action).toBe("urn:vim25/9.1.1.0");
  });

  test("is not repeated for a host that refuses connections", async () => {
    const host = await startHost();
    await host.close();
    closing.pop();
    const error = await failure(connect(host.origin).connect());
    expect(error).toMatchObject({ requestSent: false, host: "lab1" });
    expect(error.message).toMatch(/^lab1: cannot connect to 127.0.0.1:\d+: connection refused/);
  });

  test("is not repeated for a host that does not answer", async () => {
    const host = await startHost({ RetrieveServiceContent: () => "never" });
    const error = await failure(connect(host.origin, { requestTimeoutMs: 300 }).connect());
    expect(error.message).toContain("did not answer RetrieveServiceContent within 0.3 s");
    expect(host.count()).toBe(1);
  });
});

describe("a refused password", () => {
  // A later host of these tests may have the same port, and a password that was refused is not tried there again.
  const connectRefused = (origin: string) => connect(origin, { password: () => "hunter3" });
  const refuse: Answers = {
    Login: () => ({
      fault: "InvalidLogin",
      message: "Cannot complete login due to an incorrect user name or password.",
    }),
  };

  test("is tried once, however many want to log in, and everybody gets the reason", async () => {
    const host = await startHost(refuse);
    const client = connectRefused(host.origin);
    const calls = Array.from({ length: 20 }, () => failure(client.call(SERVICE, "CurrentTime", {})));
    const errors = await Promise.all(calls);
    errors.push(await failure(client.connect()));
    expect(host.count("Login")).toBe(1);
    for (const error of errors) expect(isFault(error, "InvalidLogin")).toBe(true);
    expect(errors[0]?.message).toMatch(
      /lab1: the host refused the user name or password of "root".*incorrect user name/,
    );
  });

  test("is not tried again by another client of the process, but another password is", async () => {
    const host = await startHost(refuse);
    await failure(connectRefused(host.origin).connect());
    await failure(connectRefused(host.origin).connect());
    expect(host.count("Login")).toBe(1);
    await failure(connect(host.origin, { password: () => "other" }).connect());
    expect(host.count("Login")).toBe(2);
  });

  test("is in no error", async () => {
    const host = await startHost(refuse);
    const error = await failure(connectRefused(host.origin).connect());
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain("hunter3");
  });

  test("does not count as refused when the login failed for another reason", async () => {
    const host = await startHost({ Login: inTurn({ status: 404 }, { xml: USER_SESSION, cookie: COOKIE }) });
    const client = connect(host.origin);
    await expect(client.connect()).rejects.toThrow(TransportError);
    await client.connect();
    expect(host.count("Login")).toBe(2);
  });
});

describe("an expired session", () => {
  test("that shows as a fault is renewed once for all calls, which are then repeated", async () => {
    let logins = 0;
    const host = await startHost({
      Login: () => ({ xml: USER_SESSION, cookie: `vmware_soap_session=s${++logins}; Path=/` }),
      PowerOnVM_Task: ({ cookie }) =>
        cookie === "vmware_soap_session=s2"
          ? { xml: '<returnval type="Task">t</returnval>' }
          : NOT_AUTHENTICATED,
    });
    const client = connect(host.origin);
    const results = await Promise.all(
      Array.from({ length: 10 }, () => client.call(VM, "PowerOnVM_Task", {})),
    );
    expect(results).toHaveLength(10);
    expect(host.count("Login")).toBe(2);
    expect(host.count("PowerOnVM_Task")).toBeLessThanOrEqual(20);
    expect(client.sessionNumber).toBe(2);
  });

  test("that shows as an answer with every property missing is renewed as well", async () => {
    const missing = `<returnval><objects><obj type="VirtualMachine">1</obj><missingSet><path>name</path><fault>
      <fault xsi:type="NotAuthenticated"><object type="VirtualMachine">1</object><privilegeId>System.View</privilegeId></fault>
      <localizedMessage>The session is not authenticated.</localizedMessage></fault></missingSet></objects></returnval>`;
    const found = `<returnval><objects><obj type="VirtualMachine">1</obj><propSet><name>name</name>
      <val xsi:type="xsd:string">a</val></propSet></objects></returnval>`;
    const host = await startHost({ RetrievePropertiesEx: inTurn({ xml: missing }, { xml: found }) });
    const vms = await retrieveAll(connect(host.origin), "VirtualMachine", ["name"]);
    expect(vms).toEqual([{ ref: VM, properties: { name: "a" } }]);
    expect(host.count("Login")).toBe(2);
  });

  test("is renewed only once for a call: a host that never lets us in is not asked for ever", async () => {
    const host = await startHost({ CurrentTime: () => NOT_AUTHENTICATED });
    const error = await failure(connect(host.origin).call(SERVICE, "CurrentTime", {}));
    expect(isFault(error, "NotAuthenticated")).toBe(true);
    expect(host.count("Login")).toBe(2);
    expect(host.count("CurrentTime")).toBe(2);
  });
});

describe("a fault", () => {
  test("has its type, its details and a message that names host and method", async () => {
    const host = await startHost({
      ReconfigVM_Task: () => ({
        fault: "FileAlreadyExists",
        detail: "<file>[ds] a/a.vmdk</file>",
        message: "Cannot complete the operation because the file or folder already exists.",
      }),
    });
    const error = await failure(connect(host.origin).call(VM, "ReconfigVM_Task", { spec: {} }));
    if (!(error instanceof VimFault)) throw error;
    expect(error.message).toBe(
      "lab1: ReconfigVM_Task failed: Cannot complete the operation because the file or folder already exists " +
        "(FileAlreadyExists) – [ds] a/a.vmdk",
    );
    expect([error.is("FileAlreadyExists"), error.is("FileFault"), error.is("VmFault")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(error.detail("FileAlreadyExists")?.file).toBe("[ds] a/a.vmdk");
    expect(error.detail("InvalidState")).toBeUndefined();
  });
});

test("a request that cannot be written is not sent, and the error names the host and the place", async () => {
  const host = await startHost();
  const client = connect(host.origin);
  await client.connect();
  const sent = host.count();
  const spec = { annotation: "a\u0007" };
  await expect(client.call(VM, "ReconfigVM_Task", { spec })).rejects.toThrow(
    /^lab1: ReconfigVM_Task\.spec\.annotation holds the character U\+0007.* The request was not sent\.$/,
  );
  expect(host.count()).toBe(sent);
});

describe("what is sent again", () => {
  const BUSY: Reply = { status: 503, text: "<html>Service Unavailable</html>" };
  const TASK: Reply = { xml: '<returnval type="Task">t</returnval>' };
  const TIME: Reply = { xml: "<returnval>2024-01-01T00:00:00Z</returnval>" };

  test("a read after 503, a lost connection or a missing answer", async () => {
    const host = await startHost({ CurrentTime: inTurn(BUSY, "drop connection", "never", TIME) });
    const client = connect(host.origin, { requestTimeoutMs: 1_500 });
    expect(await client.call(SERVICE, "CurrentTime", {})).toBe("2024-01-01T00:00:00Z");
    expect(host.count("CurrentTime")).toBe(4);
  });

  test("a write after 503", async () => {
    const host = await startHost({ PowerOnVM_Task: inTurn(BUSY, BUSY, TASK) });
    await connect(host.origin).call(VM, "PowerOnVM_Task", {});
    expect(host.count("PowerOnVM_Task")).toBe(3);
  });

  test("but no write whose answer was lost", async () => {
    const host = await startHost({ PowerOnVM_Task: () => "drop connection" });
    const error = await failure(connect(host.origin).call(VM, "PowerOnVM_Task", {}));
    expect(error).toMatchObject({ name: "TransportError", requestSent: "unknown", isSilence: false });
    expect(host.count("PowerOnVM_Task")).toBe(1);
  });

  test("but no write that was not answered in time", async () => {
    const host = await startHost({ PowerOnVM_Task: () => "never" });
    const error = await failure(connect(host.origin).call(VM, "PowerOnVM_Task", {}, { timeoutMs: 300 }));
    expect(error).toMatchObject({ requestSent: "unknown", timedOut: true });
    expect(host.count("PowerOnVM_Task")).toBe(1);
  });

  test("not for ever", async () => {
    const host = await startHost({ CurrentTime: () => BUSY });
    const error = await failure(connect(host.origin).call(SERVICE, "CurrentTime", {}));
    expect(error.message).toContain("CurrentTime was answered with HTTP 503: its management service is busy");
    expect(error).toMatchObject({ isSilence: true });
    expect(host.count("CurrentTime")).toBe(FAST.attempts);
  });

  test("and never a fault", async () => {
    const host = await startHost({ CurrentTime: () => ({ fault: "SystemError", message: "General error" }) });
    await failure(connect(host.origin).call(SERVICE, "CurrentTime", {}));
    expect(host.count("CurrentTime")).toBe(1);
  });
});

describe("calls in flight", () => {
  test("are no more than allowed, and long polls are not counted", async () => {
    const gate = new EventEmitter();
    const opened = once(gate, "open");
    const host = await startHost({
      CurrentTime: async () => {
        await opened;
        return { xml: "<returnval>2024-01-01T00:00:00Z</returnval>" };
      },
      WaitForUpdatesEx: () => ({ xml: "" }),
    });
    const client = connect(host.origin, { maxInFlight: 4 });
    const calls = Array.from({ length: 12 }, () => client.call(SERVICE, "CurrentTime", {}));
    await expect.poll(() => host.count("CurrentTime")).toBe(4);
    const collector = { type: "PropertyCollector", value: "p" };
    await client.call(collector, "WaitForUpdatesEx", {}, { longPoll: true });
    expect(host.count("CurrentTime")).toBe(4);
    gate.emit("open");
    await Promise.all(calls);
    expect(host.maxConcurrent).toBe(5);
  });

  test("end when their signal says so, also while they wait for a place", async () => {
    const host = await startHost({ CurrentTime: () => "never" });
    const client = connect(host.origin, { maxInFlight: 1 });
    const stop = new AbortController();
    const calls = [1, 2].map(() => failure(client.call(SERVICE, "CurrentTime", {}, { signal: stop.signal })));
    await expect.poll(() => host.count("CurrentTime")).toBe(1);
    stop.abort(new Error("cancelled by the test"));
    for (const error of await Promise.all(calls)) expect(error.message).toBe("cancelled by the test");
    expect(host.count("CurrentTime")).toBe(1);
  });
});

describe("logout", () => {
  test("ends the session once, and a later call logs in anew", async () => {
    const host = await startHost();
    const client = connect(host.origin);
    await client.connect();
    await Promise.all([client.logout(), client.logout()]);
    await client.logout();
    expect(host.count("Logout")).toBe(1);
    expect(client.sessionCookie()).toBeUndefined();
    await client.call(SERVICE, "CurrentTime", {});
    expect(host.count("Login")).toBe(2);
  });

  test("does nothing if nobody has logged in", async () => {
    const host = await startHost();
    await connect(host.origin).logout();
    expect(host.count()).toBe(0);
  });

  test("does not fail when the host is gone", async () => {
    const host = await startHost({ Logout: () => "drop connection" });
    const lines: string[] = [];
    const client = connect(host.origin, { log: (line) => lines.push(line) });
    await client.connect();
    await client.logout();
    expect(lines.join()).toContain("lab1: could not log out");
  });
});

describe("an answer that is no SOAP", () => {
  test.each<[string, Reply, string]>([
    ["a page of another server", { status: 200, text: "<html>Hello</html>" }, "cannot be read"],
    ["404", { status: 404 }, "is this an ESXi host?"],
    ["403 with words", { status: 403, text: "<h1>No</h1> <p>entry</p>" }, "HTTP 403: No entry"],
  ])("as %s is a TransportError that says so", async (_what, reply, words) => {
    const host = await startHost({ RetrieveServiceContent: () => reply });
    const error = await failure(connect(host.origin, { retry: { ...FAST, attempts: 1 } }).connect());
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toContain(words);
  });
});

describe("an answer without bounds", () => {
  const limited = async (answer: Reply, limits: AnswerLimits) => {
    const host = await startHost({ CurrentTime: () => answer });
    const client = connect(host.origin, { answerLimits: limits });
    return failure(client.call(SERVICE, "CurrentTime", {}, { retry: false }));
  };

  test("is not taken beyond a number of bytes", async () => {
    const error = await limited({ xml: " ".repeat(3 * 2 ** 20) }, { bytes: 2 ** 20, milliseconds: 60_000 });
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toMatch(/to CurrentTime was not taken: it is longer than 1 MiB$/);
  });

  test("is not waited for beyond a time, however often a byte comes", async () => {
    const error = await limited({ drip: " ", everyMs: 5 }, { bytes: 2 ** 20, milliseconds: 40 });
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toMatch(/to CurrentTime was not taken: it took longer than 0.04 s$/);
  });
});

describe("an answer about other objects than the question", () => {
  const object = (moid: string) =>
    `<objects><obj type="VirtualMachine">${moid}</obj><propSet><name>name</name><val xsi:type="xsd:string">a</val></propSet></objects>`;

  test.each<[string, string, string]>([
    ["leaves one out", "", "it leaves out VirtualMachine 1"],
    ["has another one", object("1") + object("2"), "nobody asked for VirtualMachine 2"],
  ])("that %s is an error: what is left out is not gone", async (_what, objects, problem) => {
    const xml = objects === "" ? "" : `<returnval>${objects}</returnval>`;
    const host = await startHost({ RetrievePropertiesEx: () => ({ xml }) });
    const client = connect(host.origin);
    for (const asked of [
      retrieveOne(client, VM, "VirtualMachine", ["name"]),
      retrieveMany(client, [VM], "VirtualMachine", ["name"]),
    ]) {
      const error = await failure(asked);
      expect(error).toBeInstanceOf(TransportError);
      expect(error.message).toBe(`lab1: the answer to RetrievePropertiesEx cannot be used: ${problem}`);
    }
  });

  test("or has no end is an error", async () => {
    const page = () => ({ xml: `<returnval><token>t</token>${object("1")}</returnval>` });
    const host = await startHost({ RetrievePropertiesEx: page, ContinueRetrievePropertiesEx: page });
    const error = await failure(retrieveMany(connect(host.origin), [VM], "VirtualMachine", ["name"]));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toMatch(/it has no end$/);
  });
});
