import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ansibleInventory, HandOverError } from "../../../provider/hand-over/index.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { CLASS } from "./class.ts";

const OPTIONS = {
  vars: { course: "reseau {{ 7 * 7 }}" },
  groupVars: { "team-1": { colour: "red" }, empty: {} },
  jump: "me@gate.example:2222",
};

test("machines are hosts with their addresses, logins, groups and variables", () => {
  const inventory = JSON.parse(ansibleInventory(CLASS, OPTIONS));
  expect(inventory.all.hosts.alice).toEqual({
    ansible_host: "10.44.3.17",
    ansible_user: "limosadm",
    note: { __ansible_unsafe: "{{ lookup('pipe', 'touch EVIL') }}" },
    ports: [22, { name: { __ansible_unsafe: "{% if x %}" } }],
    spare: null,
  });
  expect(inventory.all.hosts.bob).toEqual({ ansible_host: "10.44.3.18" });
  expect(inventory.all.vars).toEqual({
    ansible_ssh_common_args: "-o ProxyJump=me@gate.example:2222",
    course: { __ansible_unsafe: "reseau {{ 7 * 7 }}" },
  });
  expect(inventory.all.children).toEqual({
    team_1: { hosts: { alice: {}, bob: {} }, vars: { colour: "red" } },
    linux: { hosts: { alice: {} }, vars: {} },
    team_2: { hosts: { carl: {} }, vars: {} },
    empty: { hosts: {}, vars: {} },
  });
});

test("everything that is wrong is said at once", () => {
  const machines = [
    { name: "a[1:3]", address: "10.0.0.1" },
    { name: "b" },
    { name: "b", address: "10.0.0.256" },
  ];
  const wrong = () => ansibleInventory(machines);
  expect(wrong).toThrow(HandOverError);
  expect(wrong).toThrow(
    /"a\[1:3\]" has a name[\s\S]*"b" has no address[\s\S]*10\.0\.0\.256[\s\S]*"b" and "b"/,
  );
});

test.each([
  [{ groupVars: { "a-b": {}, a_b: {} } }, /the groups "a-b" and "a_b" are the same for Ansible, a_b/],
  [{ groupVars: { all: {} } }, /the group "all" is one that Ansible has itself/],
  [{ jump: "gate -o ProxyCommand=x" }, /no machine to jump over/],
])("%j is refused", (options, message) => {
  expect(() => ansibleInventory(CLASS, options)).toThrow(message);
});

test("Ansible reads it without a warning, and runs nothing that is in its texts", {
  timeout: 120_000,
}, async (context) => {
  const playbook = await need(context, "TEST_ANSIBLE");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
  write("inventory.json", ansibleInventory(CLASS, OPTIONS));
  const msg = "<{{ note | default('none') }}|{{ course }}|{{ ansible_host }}>";
  const play = { hosts: "team_1", gather_facts: false, tasks: [{ "ansible.builtin.debug": { msg } }] };
  write("play.yml", JSON.stringify([play]));
  const own = {
    ANSIBLE_HOME: folder.path,
    ANSIBLE_LOCAL_TEMP: folder.path,
    HOME: folder.path,
    LC_ALL: "C.UTF-8",
  };
  const options = { cwd: folder.path, env: { ...process.env, ...own } };
  const ansible = async (command: string, ...args: string[]) => {
    const ran = await runCommand(command, ["-i", "inventory.json", ...args], options);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stderr).not.toMatch(/WARNING/);
    return ran.stdout;
  };
  const listed = JSON.parse(await ansible(playbook.replace(/playbook$/, "inventory"), "--list"));
  expect(listed.team_1.hosts).toEqual(["alice", "bob"]);
  expect(listed._meta.hostvars.carl).toMatchObject({ ansible_host: "10.44.3.19", ansible_user: "root" });
  const said = await ansible(playbook, "play.yml");
  expect(said).toContain("<{{ lookup('pipe', 'touch EVIL') }}|reseau {{ 7 * 7 }}|10.44.3.17>");
  expect(said).toContain("<none|reseau {{ 7 * 7 }}|10.44.3.18>");
  expect(existsSync(join(folder.path, "EVIL"))).toBe(false);
});
