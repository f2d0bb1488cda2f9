import { describe, expect, test } from "vitest";
import type { Simulator } from "../../../simulator/index.ts";
import { connect, createVm, startHost } from "../host/lab.ts";
import type { RawClient } from "../host/raw-client.ts";
import { mutantsOf } from "./mutants.ts";
import { type Recorded, recordedRequests } from "./recorded.ts";
import { Replay } from "./replay.ts";

/** What a host answers to a request that it cannot read or does not know. */
const REFUSALS = ["InvalidRequest", "MethodNotFound", "NotImplemented", "SystemError"];

async function start(): Promise<{ simulator: Simulator; client: RawClient; replay: Replay }> {
  const { simulator } = await startHost({
    password: "***",
    networks: ["VM Network", "lab-net"],
    datastores: [{ name: "datastore1", capacityBytes: 100 * 1024 ** 3 }],
  });
  const client = connect(simulator);
  await client.login("root", "***");
  return { simulator, client, replay: await Replay.start(simulator, client) };
}

async function contents(simulator: Simulator): Promise<unknown> {
  return {
    vms: simulator.vms(),
    files: await simulator.files("datastore1"),
    leases: simulator.leases(),
    tasks: simulator.tasks(),
    sessions: simulator.sessions().map(({ key }) => key),
  };
}

/**
 * A wait for updates without a filter takes for ever, and without their collector the next filters have no place:
 * such a request goes to a collector that is not there, which a host finds out once it has read the whole.
 */
function aside({ method, text }: Recorded): string | undefined {
  const isAside = method.startsWith("WaitForUpdates") || method === "DestroyPropertyCollector";
  return isAside ? text.replace(/>[^<]*<\/_this>/, ">nobody</_this>") : undefined;
}

describe.each([
  // Both destroy the VM that they import; govc leaves one that it has made from scratch.
  { client: "govc", left: ["gamma"] },
  { client: "pyvmomi", left: [] },
] as const)("what $client sends", ({ client, left }) => {
  const requests = recordedRequests(client);

  test("is read and carried out by a host that has never seen it", async () => {
    const { simulator, replay } = await start();
    const otherwise: string[] = [];
    for (const request of requests) {
      const text = aside(request) ?? replay.textOf(request);
      const { status, fault, message } = await replay.send(request, text);
      expect(REFUSALS, `${request.method}: ${message}\n${text}`).not.toContain(fault);
      const isForNobody = text.includes("{{") || text.includes(">nobody<");
      const expected = isForNobody ? 500 : request.status;
      if (status !== expected) otherwise.push(`${request.method}: ${status} ${fault} ${message}`);
    }
    expect(otherwise).toEqual([]);
    expect(simulator.vms().map(({ name }) => name)).toEqual(left);
    expect(simulator.leases()).toEqual([]);
  });

  test("is refused once anything in it is wrong, and the host stays as it is", async () => {
    const { simulator, client: neighbour, replay } = await start();
    await createVm(neighbour, "alpha");
    const before = await contents(simulator);
    const answers = new Map<string, string>();
    for (const request of requests) {
      for (const { what, text } of mutantsOf(request.text)) {
        const mutant = `${request.method}: ${what}`;
        if (answers.has(mutant)) continue;
        const { status, fault } = await replay.sendText(request, text);
        answers.set(mutant, `${status} ${fault}`);
      }
    }
    expect(answers.size).toBeGreaterThan(300);
    expect([...answers].filter(([, answer]) => answer !== "500 InvalidRequest")).toEqual([]);
    expect(await contents(simulator)).toEqual(before);
  });
});
