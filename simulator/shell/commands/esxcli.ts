/** `esxcli`: tables about the host, as text or with `--formatter csv`. */
import { asFault, invalidArgument, VimFault } from "../../soap/fault.ts";
import { ethernetNumbers, macAddress } from "../../vm/device/ethernet.ts";
import { readGuest } from "../../vm/guest/guest.ts";
import { guestContext } from "../../vm/readers.ts";
import type { Vm } from "../../vm/vm.ts";
import type { ShellHost } from "../host-agent.ts";
import type { Invocation, ShellCommand } from "../invocation.ts";
import { networkCommands } from "./esxcli-network.ts";
import { type EsxcliCommand, NOTHING, type Table } from "./esxcli-table.ts";

const COMMANDS: Readonly<Record<string, EsxcliCommand>> = {
  "system version get": (host) => ({
    shape: "record",
    columns: ["Product", "Version", "Build", "Update", "Patch"],
    rows: [[host.about.name, host.about.version, `Releasebuild-${host.about.build}`, "3", "0"]],
  }),
  "system uuid get": (host) => ({ shape: "record", columns: ["UUID"], rows: [[host.identity.uuid]] }),
  "system hostname get": () => ({
    shape: "record",
    columns: ["Domain Name", "Fully Qualified Domain Name", "Host Name"],
    rows: [["localdomain", "localhost.localdomain", "localhost"]],
  }),
  "system ntp get": ({ services }) => {
    const running = services.info().service?.find(({ key }) => key === "ntpd")?.running ?? false;
    return {
      shape: "record",
      columns: ["Enabled", "Loglevel", "PID", "Servers"],
      rows: [[running, "warning", "", ""]],
    };
  },
  "system ntp set": async ({ services }, options) => {
    const enabled = (options.get("e") ?? options.get("enabled"))?.toLowerCase();
    if (enabled !== "true" && enabled !== "false") throw invalidArgument("enabled");
    services.setPolicy("ntpd", enabled === "true" ? "on" : "off");
    await services.set("ntpd", enabled === "true");
    return NOTHING;
  },
  "storage filesystem list": (host) => ({
    shape: "list",
    columns: ["Mount Point", "Volume Name", "UUID", "Mounted", "Type", "Size", "Free"],
    rows: [...host.datastores.values()].map((one) => [
      `/vmfs/volumes/${one.uuid}`,
      one.name,
      one.uuid,
      true,
      "VMFS-6",
      one.capacityBytes,
      one.freeBytes(),
    ]),
  }),
  ...networkCommands,
  "network vm list": (host) => ({
    shape: "list",
    columns: ["World ID", "Name", "Num Ports", "Networks"],
    rows: running(host).map((vm) => [
      worldId(vm),
      vm.name,
      ethernetNumbers(vm.vmx).length,
      vm.networks.join(", "),
    ]),
  }),
  "network vm port list": (host, options) => {
    const vm = running(host).find(
      (one) => String(worldId(one)) === (options.get("w") ?? options.get("world-id")),
    );
    return vm && { shape: "blocks", columns: PORT_COLUMNS, rows: ports(host, vm) };
  },
  "vm process list": (host) => ({
    shape: "blocks",
    columns: ["Name", "World ID", "Process ID", "VMX Cartel ID", "UUID", "Display Name", "Config File"],
    rows: running(host).map((vm) => [
      vm.name,
      worldId(vm),
      0,
      worldId(vm) - 1,
      vm.vmx.get("uuid.bios") ?? "",
      vm.name,
      `/vmfs/volumes/${vm.vmxFile.datastore.uuid}/${vm.vmxFile.path}`,
    ]),
  }),
  "vm process kill": (host, options) => {
    const vm = running(host).find(
      (one) => String(worldId(one)) === (options.get("w") ?? options.get("world-id")),
    );
    if (vm) host.power.powerOff(vm);
    return vm && NOTHING;
  },
};

const PORT_COLUMNS = [
  "Port ID",
  "vSwitch",
  "Portgroup",
  "DVPort ID",
  "MAC Address",
  "IP Address",
  "Team Uplink",
  "Uplink Port ID",
  "Active Filters",
];

export function esxcli(host: ShellHost): ShellCommand {
  return async (call) => {
    const { words, options } = split(call.args);
    const command = COMMANDS[words.join(" ")];
    if (command === undefined) {
      await call.stdout(`Error: Unknown command or namespace ${words.join(" ")}\n`);
      return 1;
    }
    const table = await Promise.resolve()
      .then(() => command(host, options))
      .catch((error: unknown) => asFault(error));
    if (table instanceof VimFault) {
      await call.stdout(`Error: ${table.message}\n`);
      return 1;
    }
    if (table === undefined) {
      await call.stdout("Error: Unable to find a world with that id.\n");
      return 1;
    }
    const formatter = options.get("formatter") ?? "";
    if (formatter !== "" && formatter !== "csv") {
      await call.stdout(`Error: Invalid formatter '${formatter}'\n`);
      return 1;
    }
    await (formatter === "csv" ? csv(call, table) : text(call, table));
    return 0;
  };
}

function split(args: readonly string[]): { words: string[]; options: Map<string, string> } {
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const [, name, value] = /^--?([\w-]+?)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined || !arg.startsWith("-")) words.push(arg);
    else if (isFlag(name, words)) options.set(name, "");
    else options.set(name, value ?? args[++index] ?? "");
  }
  return { words, options };
}

/** The only option here without a value. Elsewhere its letter is that of an uplink. */
const isFlag = (name: string, words: readonly string[]): boolean =>
  name === "use-vswitch" || (name === "u" && words.includes("policy"));

function running(host: ShellHost): Vm[] {
  return host.vms.list().filter((vm) => vm.powerState === "poweredOn");
}

function worldId(vm: Vm): number {
  return 2_100_000 + Number(vm.moid) * 4;
}

/** The addresses of the guest that the host itself has seen. */
function ports(host: ShellHost, vm: Vm): (string | number)[][] {
  const guest = readGuest(guestContext(host, vm));
  return ethernetNumbers(vm.vmx).map((number) => {
    const mac = macAddress(vm.vmx, number) ?? "";
    const address = guest.net
      ?.find((nic) => nic.macAddress === mac)
      ?.ipAddress?.find((one) => one.includes("."));
    const portGroup = vm.vmx.get(`ethernet${number}.networkName`) ?? "";
    return [
      33_554_440 + Number(vm.moid) * 10 + number,
      host.networking.portGroups.find(({ name }) => name === portGroup)?.vswitchName ?? "",
      portGroup,
      "",
      mac,
      address ?? "0.0.0.0",
      "vmnic0",
      33_554_434,
      "",
    ];
  });
}

async function csv({ stdout }: Invocation, { columns, rows }: Table): Promise<void> {
  if (columns.length === 0) return;
  const line = (cells: readonly (string | number | boolean)[]): string =>
    `${cells.map((cell) => cellText(String(cell))).join(",")},\n`;
  const names = columns.map((name) => name.replaceAll(" ", ""));
  // Columns are in the order of their names.
  const order = names.map((_, index) => index).sort((a, b) => ((names[a] ?? "") < (names[b] ?? "") ? -1 : 1));
  await stdout(line(order.map((index) => names[index] ?? "")));
  for (const row of rows) await stdout(line(order.map((index) => row[index] ?? "")));
}

function cellText(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

async function text({ stdout }: Invocation, { shape, columns, rows }: Table): Promise<void> {
  if (shape === "record") {
    for (const row of rows)
      for (const [index, name] of columns.entries()) await stdout(`   ${name}: ${row[index] ?? ""}\n`);
    return;
  }
  if (shape === "blocks") {
    for (const [number, row] of rows.entries()) {
      if (number > 0) await stdout("\n");
      await stdout(columns[0] === "Name" ? `${row[0]}\n` : `   ${columns[0]}: ${row[0]}\n`);
      for (const [index, name] of columns.entries())
        if (index > 0) await stdout(`   ${name}: ${row[index] ?? ""}\n`);
    }
    return;
  }
  if (columns.length === 0) return;
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...rows.map((row) => String(row[index]).length)),
  );
  for (const row of [columns, widths.map((width) => "-".repeat(width)), ...rows])
    await stdout(
      `${row
        .map((cell, index) => String(cell).padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
}
