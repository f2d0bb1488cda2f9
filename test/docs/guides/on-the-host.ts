import { isUtf8 } from "node:buffer";
import { expect } from "vitest";
import { asked } from "../../cli/raw-host.ts";
import { createVm, disk, nic, SCSI } from "../../simulator/host/lab.ts";
import type { SimulatedHost } from "../../support/simulated-host.ts";

type Happening = (host: SimulatedHost, ...words: string[]) => Promise<unknown> | unknown;

/** What can happen on a host, or be seen there, in the words of the pages' hidden comments. */
const HAPPENINGS: readonly (readonly [RegExp, Happening])[] = [
  [/^there is a machine (\S+) with (\d+) MB and a disk of (\d+) GB$/, makeMachine],
  [/^there is a port group (.+)$/, addPortGroup],
  [/^(\S+) has (\d+) MB now$/, (host, name, mb) => reconfigure(host, name, { memoryMB: Number(mb) })],
  [/^(\S+) is called (\S+) now$/, (host, name, other) => reconfigure(host, name, { name: other })],
  [/^(\S+) is switched off$/, (host, name) => host.simulator.behindBack.powerOff(host.vm(name ?? "").moid)],
  [/^it is away$/, (host) => host.simulator.stop()],
  [/^the machines are (.+)$/, expectMachines],
  [
    /^(\S+) is on the datastore (\S+)$/,
    (host, name, datastore) => expect(host.vm(name ?? "").vmxPath).toContain(`[${datastore}] `),
  ],
  [/^there are (\d+) machines$/, (host, count) => expect(host.simulator.vms()).toHaveLength(Number(count))],
  [/^the guest of (\S+) is told "(.*)"$/, expectTold],
];

/** @throws Error if nothing of these words can happen */
export async function happenOnHost(text: string, host: SimulatedHost): Promise<void> {
  for (const [words, happen] of HAPPENINGS) {
    const found = words.exec(text);
    if (found === null) continue;
    await happen(host, ...found.slice(1));
    return;
  }
  throw new Error(`Nobody knows how this happens on a host: ${text}`);
}

async function makeMachine(host: SimulatedHost, name = "", memory = "", gib = ""): Promise<void> {
  const tail = SCSI + disk(Number(gib) * 1024 * 1024) + nic();
  await asked({ host }, (client) => createVm(client, name, { memoryMB: Number(memory), tail }));
}

async function addPortGroup(host: SimulatedHost, name = ""): Promise<void> {
  const spec = `<portgrp><name>${name}</name><vlanId>0</vlanId><vswitchName>vSwitch0</vswitchName><policy/></portgrp>`;
  await asked({ host }, (client) => client.ok("AddPortGroup", "HostNetworkSystem:networkSystem", spec));
}

function reconfigure(host: SimulatedHost, name = "", spec: { memoryMB?: number; name?: string | undefined }) {
  const { name: called, ...others } = spec;
  const whole = called === undefined ? others : { ...others, name: called };
  return host.simulator.behindBack.reconfigure(host.vm(name).moid, {
    $type: "VirtualMachineConfigSpec",
    ...whole,
  });
}

function expectMachines(host: SimulatedHost, names = ""): void {
  const there = host.simulator.vms().map((vm) => vm.name);
  expect(there.sort()).toEqual(names.split(/, | and /).sort());
}

/** Fails unless the text is in one of the values that the host hands to the guest, or in what they are the base64 of. */
function expectTold(host: SimulatedHost, name = "", text = ""): void {
  const values = (host.vm(name).config.extraConfig ?? []).filter(({ key }) => key.startsWith("guestinfo."));
  expect(values.map(({ value }) => decoded(String(value))).join("\n")).toContain(text);
}

function decoded(value: string): string {
  return value.replaceAll(/[\w+/]{16,}={0,2}/g, (encoded) => {
    const bytes = Buffer.from(encoded, "base64");
    return isUtf8(bytes) ? decoded(bytes.toString()) : encoded;
  });
}
