import { expect, test } from "vitest";
import { SettingsError } from "../../../provider/runtime/settings-error.ts";
import { hostSettings, isGone, type StackConfig } from "../../../provider/runtime/stack-configuration.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const GOOD = { "esxi:host": "esxi1.lab", "esxi:username": "root", "esxi:password": "s3cret" };

const configOf = (values: Readonly<Record<string, string>>): StackConfig => ({ get: (key) => values[key] });
const settings = (
  values: Readonly<Record<string, string>>,
  { name, environment = {} }: { name?: string; environment?: NodeJS.ProcessEnv } = {},
) => hostSettings(configOf({ ...GOOD, ...values }), name, environment);

test.each([
  ["esxi1.lab", "https://esxi1.lab"],
  ["esxi1.lab:8443", "https://esxi1.lab:8443"],
  ["10.0.0.5", "https://10.0.0.5"],
  ["[fd00::5]:8443", "https://[fd00::5]:8443"],
  ["[fd00::5]", "https://[fd00::5]"],
  ["2001:db8::10", "https://[2001:db8::10]"],
  ["::1", "https://[::1]"],
  ["2001:DB8:0:0:0:0:0:10", "https://[2001:db8::10]"],
  ["https://esxi1.lab", "https://esxi1.lab"],
  ["https://esxi1.lab/", "https://esxi1.lab"],
  ["https://esxi1.lab:443/sdk", "https://esxi1.lab"],
  ["HTTPS://esxi1.lab:8443/sdk/", "https://esxi1.lab:8443"],
  ["esxi1.lab/sdk", "https://esxi1.lab"],
])("esxi:host %s means %s", (host, origin) => {
  expect(settings({ "esxi:host": host }).origin).toBe(origin);
});

test.each([
  "http://esxi1.lab",
  "ssh://esxi1.lab",
  "https://esxi1.lab/elsewhere",
  "https://root:s3cret@esxi1.lab/ui/",
  "root:s3cret@2001:db8::10",
  "https://root:s3cret@esxi1.lab:99999",
  "https://root:s3cret@[::1",
  "2001:db8:::10",
  "https://esxi1.lab/sdk?a=1",
  "https://root:s3cret@esxi1.lab",
  "root:s3cret@esxi1.lab",
  "esxi1.lab:99999",
  "esxi 1",
])("esxi:host %s is refused, without repeating what may be a password", (host) => {
  const read = () => settings({ "esxi:host": host });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow("esxi:host must be NAME[:PORT] or https://NAME[:PORT][/sdk]");
  expect(read).not.toThrow("s3cret");
});

test.each([
  "https://esxi1.lab:8443/ui/#/login",
  "esxi1.lab:8443/ui",
  "https://esxi1.lab:8443/#/login",
  "https://esxi1.lab:8443/host",
  "https://esxi1.lab:8443/folder?dcPath=ha-datacenter",
  "https://esxi1.lab:8443/mob/?moid=1",
  "https://esxi1.lab:8443/sdk/vimServiceVersions.xml",
])("of %s, the address of a page of the host, the error says what to leave out", (host) => {
  expect(() => settings({ "esxi:host": host })).toThrow(
    "This is the address of a page of the host: leave out everything behind esxi1.lab:8443.",
  );
});

test.each(["fe80::1%vmk0", "[fe80::1%vmk0]"])("%s cannot be reached, and the error says why", (host) => {
  expect(() => settings({ "esxi:host": host })).toThrow("a link-local address with a zone");
});

test("a host by its IPv6 address is reached over SSH without brackets", () => {
  expect(settings({ "esxi:host": "2001:db8::10" }).ssh?.host).toBe("2001:db8::10");
});

test.each([
  ["host", "pulumi config set esxi:host", "ESXI_HOST"],
  ["username", "pulumi config set esxi:username", "ESXI_USERNAME"],
  ["password", "pulumi config set --secret esxi:password", "ESXI_PASSWORD"],
])("without %s the error says how to set it", (key, command, variable) => {
  const read = () => settings({ [`esxi:${key}`]: "" });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(`esxi:${key} is not set`);
  expect(read).toThrow(command);
  expect(read).toThrow(variable);
  expect(read).not.toThrow("s3cret");
});

test("what is not set has its default", () => {
  const { ssh: _, ...others } = settings({});
  expect(others).toEqual({
    name: "esxi1.lab",
    origin: "https://esxi1.lab",
    username: "root",
    password: "s3cret",
    thumbprint: undefined,
    ca: undefined,
    insecure: false,
    maxTransfers: 3,
    maxCopies: 4,
    maxTasks: 24,
    maxCalls: 16,
    maxBoots: undefined,
    bootSeconds: 60,
    transport: "auto",
    sshHotChanges: false,
  });
});

test("every setting can come from the configuration", () => {
  const values = {
    "esxi:thumbprint": "AB:CD",
    "esxi:insecure": "true",
    "esxi:maxTransfers": "1",
    "esxi:maxTasks": "2",
    "esxi:maxCalls": "3",
    "esxi:maxBoots": "8",
    "esxi:bootSeconds": "90",
  };
  expect(settings(values)).toMatchObject({
    thumbprint: "AB:CD",
    insecure: true,
    maxTransfers: 1,
    maxTasks: 2,
    maxCalls: 3,
    maxBoots: 8,
    bootSeconds: 90,
  });
});

test("the environment goes before the configuration, which a destroy may have from long ago", () => {
  const environment = {
    ESXI_HOST: "new.lab:444",
    ESXI_USERNAME: "admin",
    ESXI_PASSWORD: "newer",
    ESXI_THUMBPRINT: "EF",
    ESXI_MAX_TRANSFERS: "9",
  };
  expect(settings({ "esxi:thumbprint": "AB" }, { environment })).toMatchObject({
    origin: "https://new.lab:444",
    username: "admin",
    password: "newer",
    thumbprint: "EF",
    maxTransfers: 9,
  });
});

test("an empty environment variable counts as not set", () => {
  expect(settings({}, { environment: { ESXI_PASSWORD: "" } }).password).toBe("s3cret");
});

const HOSTS = JSON.stringify({
  "lab-1": { host: "one.lab", username: "root", password: "s3cret1", maxTasks: 5, insecure: true },
  lab2: { host: "two.lab", username: "root" },
});

test("a named host has its own settings, and its own environment variables", () => {
  expect(settings({ "esxi:hosts": HOSTS, "esxi:maxCalls": "7" }, { name: "lab-1" })).toMatchObject({
    name: "lab-1",
    origin: "https://one.lab",
    password: "s3cret1",
    insecure: true,
    maxTasks: 5,
    maxCalls: 7,
  });
  const environment = { ESXI_LAB_1_PASSWORD: "rotated", ESXI_PASSWORD: "of the other host" };
  expect(settings({ "esxi:hosts": HOSTS }, { name: "lab-1", environment }).password).toBe("rotated");
});

test("a named host takes no password from the host that has no name", () => {
  const read = () => settings({ "esxi:hosts": HOSTS }, { name: "lab2" });
  expect(read).toThrow("esxi:hosts.lab2.password is not set");
  expect(read).toThrow("pulumi config set --secret --path 'esxi:hosts.lab2.password'");
  expect(read).toThrow("ESXI_LAB2_PASSWORD");
});

test("an unknown host's name is refused with those that there are", () => {
  const read = () => settings({ "esxi:hosts": HOSTS }, { name: "lab3" });
  expect(read).toThrow('No host "lab3" in the configuration: esxi:hosts has lab-1, lab2.');
  expect(read).toThrow("pulumi config set --path 'esxi:hosts.lab3.host' ADDRESS");
  expect(() => settings({}, { name: "lab3" })).toThrow("esxi:hosts has no hosts");
});

test.each(["no JSON", "[]", '"text"', '{"lab": "one.lab"}', "null"])(
  "esxi:hosts that is %s is refused",
  (hosts) => {
    const read = () => settings({ "esxi:hosts": hosts }, { name: "lab" });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow("esxi:hosts");
  },
);

test.each([
  ["esxi:insecure", "yes", 'esxi:insecure must be true or false, not "yes".'],
  ["esxi:maxTasks", "0", 'esxi:maxTasks must be a whole number from 1 to 9999, not "0".'],
  ["esxi:maxTransfers", "1.5", 'esxi:maxTransfers must be a whole number from 1 to 9999, not "1.5".'],
])("%s=%s is refused", (key, value, message) => {
  expect(() => settings({ [key]: value })).toThrow(message);
});

test("a certificate file is read, and one that is not there is named", async () => {
  const folder = await temporaryFolder();
  try {
    const file = await folder.write("ca.pem", "-----BEGIN CERTIFICATE-----");
    expect(settings({ "esxi:caFile": file }).ca).toBe("-----BEGIN CERTIFICATE-----");
    const missing = () => settings({ "esxi:caFile": `${file}x` });
    expect(missing).toThrow(SettingsError);
    expect(missing).toThrow(`esxi:caFile: cannot read the certificate file ${file}x`);
  } finally {
    await folder.remove();
  }
});

const pair = (first: string, second: string) =>
  JSON.stringify(
    Object.fromEntries([first, second].map((name) => [name, { host: `${name}.lab`, username: "root" }])),
  );

test.each([
  ["lab-1", "lab_1", "ESXI_LAB_1_PASSWORD", "esxi:hosts.lab_1.password"],
  ["a", "a-ssh", "ESXI_A_SSH_PASSWORD", "esxi:hosts.a.sshPassword"],
])("a variable that would be of the hosts %s and %s at once is refused", (first, second, variable, other) => {
  const environment = { [variable]: "whose?" };
  for (const name of [first, second]) {
    const read = () => settings({ "esxi:hosts": pair(first, second) }, { name, environment });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(`The environment variable ${variable} would be `);
    expect(read).toThrow(other);
    expect(read).not.toThrow("whose?");
  }
});

test("a variable of the host that has no name is not taken for that of a host called ssh", () => {
  const environment = { ESXI_SSH_PASSWORD: "whose?" };
  const read = (name?: string) => () =>
    settings({ "esxi:hosts": pair("ssh", "other") }, { ...(name !== undefined && { name }), environment });
  for (const name of ["ssh", undefined]) expect(read(name)).toThrow("esxi:hosts.ssh.password");
});

test("hosts whose variables would be the same are fine as long as none of those is set", () => {
  const hosts = JSON.stringify({
    "lab-1": { host: "one.lab", username: "root", password: "1" },
    lab_1: { host: "two.lab", username: "root", password: "2" },
  });
  expect(settings({ "esxi:hosts": hosts }, { name: "lab-1" }).password).toBe("1");
  expect(settings({ "esxi:hosts": hosts }, { name: "lab_1" }).password).toBe("2");
});

test.each(["constructor", "__proto__", "toString"])(
  "no host is called %s unless the configuration has it",
  (name) => {
    expect(() => settings({ "esxi:hosts": HOSTS }, { name })).toThrow(
      `No host "${name}" in the configuration`,
    );
  },
);

test("a host that is lost for good is said by the configuration, and before it by the environment", () => {
  const values = { ...GOOD, "esxi:hosts": '{"lab1":{"gone":true},"lab2":{}}' };
  const gone = (name: string | undefined, environment: NodeJS.ProcessEnv = {}) =>
    isGone(configOf(values), name, environment);
  expect(["lab1", "lab2", undefined, "constructor"].map((name) => gone(name))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(gone("lab2", { ESXI_LAB2_GONE: "1" })).toBe(true);
  expect(gone("lab1", { ESXI_LAB1_GONE: "false" })).toBe(false);
  expect(gone(undefined, { ESXI_GONE: "true" })).toBe(true);
  expect(() => settings(values, { name: "lab1" })).toThrow(
    /lab1 is lost for good \(esxi:hosts\.lab1\.gone\)/,
  );
  expect(() => gone("lab2", { ESXI_LAB2_GONE: "maybe" })).toThrow(
    /esxi:hosts\.lab2\.gone must be true or false/,
  );
});
