/** Objects of the API in the output of `vim-cmd`. */
import { type DataObjectType, findDataObject, findType } from "../../../schema/index.ts";
import { isReference } from "../../soap/encode.ts";
import type { VimFault } from "../../soap/fault.ts";

const STEP = "   ";

/** `(vim.vm.GuestInfo) {…}`, with every property of the type, and `<unset>` for those without a value. */
export function formatObject(type: string, value: object): string {
  return formatValue(type, value, "");
}

/** Faults of the protocol itself. They are in another package than those of the API. */
const OF_PROTOCOL = [
  ...["HostCommunication", "InvalidArgument", "InvalidRequest", "InvalidType", "ManagedObjectNotFound"],
  ...[
    "MethodNotFound",
    "NotEnoughLicenses",
    "NotSupported",
    "RequestCanceled",
    "SecurityError",
    "SystemError",
  ],
];

/** A fault, printed in the place of the object. Quotes in its message are not escaped. */
export function formatFault(fault: VimFault, messages: readonly string[] = []): string {
  const { $type: type, ...properties } = fault.detail;
  const rest = Object.entries(properties).map(([name, value]) => `${name} = ${formatValue("", value, STEP)}`);
  const first = [
    "faultCause = (vmodl.MethodFault) null",
    `faultMessage = ${formatMessages(messages)}`,
    ...rest,
  ];
  return [
    `(${OF_PROTOCOL.includes(type) ? "vmodl" : "vim"}.fault.${type}) {`,
    first.map((line) => `${STEP}${line}`).join(", \n"),
    `${STEP}msg = "${fault.message}"`,
    "}",
  ].join("\n");
}

function formatMessages(messages: readonly string[]): string {
  if (messages.length === 0) return "<unset>";
  const items = messages.map((message) =>
    [
      `${STEP}${STEP}(vmodl.LocalizableMessage) {`,
      `${STEP.repeat(3)}key = "msg.vmx.poweron.failed", `,
      `${STEP.repeat(3)}arg = <unset>, `,
      `${STEP.repeat(3)}message = "${message}"`,
      `${STEP}${STEP}}`,
    ].join("\n"),
  );
  return `(vmodl.LocalizableMessage) [\n${items.join(", \n")}\n${STEP}]`;
}

function formatValue(type: string, value: unknown, indent: string): string {
  if (value === undefined || value === null) return "<unset>";
  if (isReference(value)) return `'vim.${value.type}:${value.value}'`;
  if (typeof value === "string") return quoted(value);
  if (value instanceof Date) return quoted(value.toISOString());
  if (typeof value !== "object") return String(value);
  const actual = "$type" in value && typeof value.$type === "string" ? value.$type : type;
  const data = findDataObject(actual);
  if (data === undefined) return "<unset>";
  return `(${modelName(actual)}) {\n${properties(data, value, indent + STEP)}\n${indent}}`;
}

function properties(type: DataObjectType, value: object, indent: string): string {
  const known = new Map(Object.entries(value));
  return type.properties
    .map(({ name, type: of, array }) => {
      const one = known.get(name);
      return `${indent}${name} = ${array ? formatArray(of, one, indent) : formatValue(of, one, indent)}`;
    })
    .join(", \n");
}

function formatArray(type: string, value: unknown, indent: string): string {
  if (!Array.isArray(value) || value.length === 0) return "<unset>";
  const items = value.map((item) => `${indent}${STEP}${formatValue(type, item, indent + STEP)}`);
  return `(${modelName(type)}) [\n${items.join(", \n")}\n${indent}]`;
}

const NAMES: Readonly<Record<string, string>> = {
  OptionValue: "vim.option.OptionValue",
  GuestInfo: "vim.vm.GuestInfo",
  GuestNicInfo: "vim.vm.GuestInfo.NicInfo",
  GuestStackInfo: "vim.vm.GuestInfo.StackInfo",
  GuestDiskInfo: "vim.vm.GuestInfo.DiskInfo",
  VirtualHardware: "vim.vm.VirtualHardware",
  VirtualMachineSummary: "vim.vm.Summary",
  VirtualMachineConfigInfo: "vim.vm.ConfigInfo",
  Description: "vim.Description",
};

/** The host's own name of a type: `VirtualMachineRuntimeInfo` → `vim.vm.RuntimeInfo`. */
function modelName(type: string): string {
  const known = NAMES[type];
  if (known !== undefined) return known;
  if (findType(type) === undefined) return type;
  const [, owner, part] =
    /^(Virtual[A-Za-z]+?)([A-Z][A-Za-z0-9]*(?:BackingInfo|ConnectInfo|BackingOption))$/.exec(type) ?? [];
  if (owner !== undefined && findDataObject(owner)) return `vim.vm.device.${owner}.${part}`;
  if (type.startsWith("VirtualMachine")) return `vim.vm.${type.slice("VirtualMachine".length)}`;
  if (
    type === "VirtualDevice" ||
    findDataObject(type)?.properties.some(({ name }) => name === "controllerKey")
  )
    return `vim.vm.device.${type}`;
  return `vim.${type}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
