import { describe, expect, test } from "vitest";
import type { Simulator } from "../../../simulator/index.ts";
import { connect, createVm, startHost, startLab } from "../host/lab.ts";
import { recordedRequests } from "./recorded.ts";

const SOAP = 'xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"';
const DESTROY = '<Destroy_Task xmlns="urn:vim25"><_this type="VirtualMachine">1</_this></Destroy_Task>';

function envelope(body: string, rest = ""): string {
  return `<e:Envelope ${SOAP}><e:Body>${body}</e:Body>${rest}</e:Envelope>`;
}

/** Calls of Destroy_Task with one mistake each, and what the host says of it. */
const WRONG: readonly (readonly [what: string, text: string, message: string | RegExp])[] = [
  ["nothing", "", "no element found"],
  ["JSON", '{"method":"Destroy_Task","_this":"1"}', "Error returned by expat parser"],
  ["a tag that is not closed", envelope(DESTROY.replace("</Destroy_Task>", "")), "not well-formed"],
  [
    "tags that overlap",
    envelope(DESTROY.replace("</_this></Destroy_Task>", "</Destroy_Task></_this>")),
    "not well-formed",
  ],
  ["text that ends early", envelope(DESTROY).slice(0, -12), "Error returned by expat parser"],
  ["two documents in one", envelope(DESTROY) + envelope(DESTROY), /expat parser/],
  [
    "a prefix that stands for nothing",
    envelope(DESTROY.replaceAll("Destroy_Task", "v:Destroy_Task")),
    "prefix",
  ],
  ["an entity that nobody has declared", envelope(DESTROY.replace(">1<", ">&one;<")), "entity"],
  [
    "a document type that declares an entity",
    `<!DOCTYPE e:Envelope [<!ENTITY one "1">]>${envelope(DESTROY.replace(">1<", ">&one;<"))}`,
    "document type",
  ],
  [
    "a document type that asks for a file",
    `<!DOCTYPE e:Envelope SYSTEM "file:///etc/passwd">${envelope(DESTROY)}`,
    "document type",
  ],
  [
    "the envelope of SOAP 1.2",
    envelope(DESTROY).replace(
      "http://schemas.xmlsoap.org/soap/envelope/",
      "http://www.w3.org/2003/05/soap-envelope",
    ),
    'Unexpected element tag "Envelope" seen',
  ],
  ["a call without an envelope", DESTROY, 'Unexpected element tag "Destroy_Task" seen'],
  ["a call beside the body", envelope("", DESTROY), 'Unexpected element tag "Destroy_Task" seen'],
  ["a body without a call", envelope(""), "Exactly one method call is expected"],
  ["a body with two calls", envelope(DESTROY + DESTROY), "Exactly one method call is expected"],
  ["a call in no namespace", envelope(DESTROY.replace(' xmlns="urn:vim25"', "")), "Unsupported namespace"],
  [
    "a call in another namespace",
    envelope(DESTROY.replace("urn:vim25", "urn:pbm")),
    'Unsupported namespace "urn:pbm"',
  ],
  [
    "a method in lower case",
    envelope(DESTROY.replaceAll("Destroy_Task", "destroy_Task")),
    "Unable to resolve WSDL method name destroy_Task",
  ],
  [
    "the method's name in pyVmomi",
    envelope(DESTROY.replaceAll("Destroy_Task", "Destroy")),
    "Unable to resolve WSDL method name Destroy ",
  ],
  ["a target without a type", envelope(DESTROY.replace(' type="VirtualMachine"', "")), "type attribute"],
  [
    "a target of a type that is none",
    envelope(DESTROY.replace("VirtualMachine", "VirtualMachineConfigInfo")),
    "type attribute",
  ],
  ["no target", envelope('<Destroy_Task xmlns="urn:vim25"/>'), "Missing required parameter _this"],
  [
    "a target under another name",
    envelope(DESTROY.replaceAll("_this", "this")),
    "Missing required parameter _this",
  ],
  [
    "a parameter too many",
    envelope(DESTROY.replace("</_this>", "</_this><force>true</force>")),
    'Unexpected element tag "force" seen',
  ],
];

async function contents(simulator: Simulator): Promise<unknown> {
  return { vms: simulator.vms(), files: await simulator.files("datastore1"), tasks: simulator.tasks() };
}

describe("a request by hand that would destroy a VM changes nothing", () => {
  test.each(WRONG)("%s", async (_what, text, message) => {
    const { simulator, client } = await startLab();
    await createVm(client, "alpha");
    const before = await contents(simulator);
    const reply = await client.sendText(text);
    expect(reply).toMatchObject({ status: 500, fault: "InvalidRequest" });
    expect(reply.message).toMatch(message);
    expect(await contents(simulator)).toEqual(before);
  });

  test("while the same one made right does destroy it", async () => {
    const { simulator, client } = await startLab();
    await createVm(client, "alpha");
    expect((await client.sendText(`<?xml version="1.0"?>${envelope(DESTROY)}`)).status).toBe(200);
    await expect.poll(() => simulator.vms()).toEqual([]);
  });
});

describe("what came with a newer version is unknown to an older host", () => {
  const VM = "VirtualMachine:1";
  const TPM =
    '<spec><deviceChange><operation>add</operation><device xsi:type="VirtualTPM"><key>-1</key></device></deviceChange></spec>';

  test.each([
    ["a property", "ReconfigVM_Task", "<spec><sevEnabled>false</sevEnabled></spec>", "6.7", "7.0.1.0"],
    ["a type", "ReconfigVM_Task", TPM, "6.5", "6.7"],
    ["a method", "DropConnections", "", "6.7", "7.0.1.0"],
  ] as const)("%s", async (_what, method, parameters, older, newer) => {
    const [old, current] = [await startLab({ apiVersion: older }), await startLab({ apiVersion: newer })];
    await createVm(old.client, "alpha");
    await createVm(current.client, "alpha");
    const before = await contents(old.simulator);
    expect(await old.client.call(method, VM, parameters)).toMatchObject({
      status: 500,
      fault: "InvalidRequest",
    });
    expect(await contents(old.simulator)).toEqual(before);
    expect((await current.client.call(method, VM, parameters)).fault).not.toBe("InvalidRequest");
  });
});

describe("without a session", () => {
  /** What a host tells to everybody, or answers with nothing in it. */
  const OPEN = ["RetrieveServiceContent", "Login", "RetrievePropertiesEx"];

  test.each(["govc", "pyvmomi"] as const)("nothing that %s sends is carried out", async (sender) => {
    const { simulator } = await startHost({ password: "another password" });
    const client = connect(simulator);
    const closed = recordedRequests(sender).filter(({ method }) => !OPEN.includes(method));
    const carriedOut: string[] = [];
    for (const { method, text } of closed) {
      if (text.includes('type="ServiceInstance"') && method === "Fetch") continue;
      const { status, fault } = await client.sendText(text);
      if (status !== 500 || fault !== "NotAuthenticated") carriedOut.push(`${method}: ${status} ${fault}`);
    }
    expect(carriedOut).toEqual([]);
    expect(closed.length).toBeGreaterThan(20);
    expect(await contents(simulator)).toEqual({ vms: [], files: [], tasks: [] });
  });
});
