import type { MachineRecord } from "../../../provider/hand-over/index.ts";

/** Somebody with a note that would be a program. */
export const ALICE: MachineRecord = {
  name: "alice",
  address: "10.44.3.17",
  macAddress: "00:50:56:2C:03:11",
  login: "limosadm",
  groups: ["team-1", "linux"],
  vars: { note: "{{ lookup('pipe', 'touch EVIL') }}", ports: [22, { name: "{% if x %}" }], spare: null },
};

/** Somebody whose machine has a name of its own. */
export const BOB: MachineRecord = {
  name: "bob",
  hostname: "desk-2",
  address: "10.44.3.18",
  macAddress: "00:50:56:2c:03:12",
  groups: ["team-1"],
};

export const CARL: MachineRecord = {
  name: "carl",
  address: "10.44.3.19",
  macAddress: "00:50:56:2c:03:13",
  login: "root",
  groups: ["team 2"],
};

export const CLASS = [ALICE, BOB, CARL];
