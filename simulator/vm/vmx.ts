import { TextDecoder } from "node:util";

/** A `.vmx` file. Keys ignore case. Values are in quotes, with `|22` for `"`, `|0A` for a line end, `|7C` for `|`. */
export class Vmx {
  readonly #entries = new Map<string, { readonly key: string; readonly value: string }>();

  static parse(text: string): Vmx {
    const vmx = new Vmx();
    for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
      const match = /^\s*([^#=\s][^=]*?)\s*=\s*(?:"(.*)"|([^"\s]\S*))\s*$/s.exec(line);
      if (match) vmx.set(match[1] ?? "", unquote(match[2] ?? match[3] ?? ""));
    }
    return vmx;
  }

  /** Reads a file in the encoding that it names. UTF-8 if it names none, or an unknown one. */
  static decode(bytes: Uint8Array): Vmx {
    const name =
      /^\s*\.encoding\s*=\s*"([^"]+)"/m.exec(Buffer.from(bytes).toString("latin1"))?.[1] ?? "utf-8";
    return Vmx.parse(decoderFor(name).decode(bytes));
  }

  clone(): Vmx {
    const copy = new Vmx();
    for (const { key, value } of this.#entries.values()) copy.set(key, value);
    return copy;
  }

  format(): string {
    const lines = ['.encoding = "UTF-8"', 'config.version = "8"'];
    for (const { key, value } of this.#entries.values()) {
      if (!HEAD.has(key.toLowerCase())) lines.push(`${key} = "${quote(value)}"`);
    }
    return `${lines.join("\n")}\n`;
  }

  get(key: string): string | undefined {
    return this.#entries.get(key.toLowerCase())?.value;
  }

  number(key: string): number | undefined {
    const text = this.get(key);
    const value = Number(text);
    return text === undefined || text === "" || !Number.isFinite(value) ? undefined : value;
  }

  /** True for TRUE, whatever its case. */
  flag(key: string): boolean {
    return this.get(key)?.toUpperCase() === "TRUE";
  }

  /** Sets a value, or removes the key if the value is undefined. */
  set(key: string, value: string | number | boolean | undefined): void {
    const at = key.toLowerCase();
    if (value === undefined) {
      this.#entries.delete(at);
      return;
    }
    const text = typeof value === "boolean" ? (value ? "TRUE" : "FALSE") : String(value);
    this.#entries.set(at, { key: this.#entries.get(at)?.key ?? key, value: text });
  }

  /** Removes a device with all its keys: `scsi0:1` and `scsi0:1.…`. */
  removeDevice(slot: string): void {
    const prefix = `${slot.toLowerCase()}.`;
    for (const at of [...this.#entries.keys()]) if (at.startsWith(prefix)) this.#entries.delete(at);
  }

  /** Moves a device with all its keys to another slot. */
  renameDevice(from: string, to: string): void {
    const prefix = `${from}.`.toLowerCase();
    for (const [key, value] of this.entries()) {
      if (key.toLowerCase().startsWith(prefix)) this.set(`${to}.${key.slice(prefix.length)}`, value);
    }
    this.removeDevice(from);
  }

  /** The keys as they were written, with their values, in the order of the file. */
  entries(): readonly (readonly [key: string, value: string])[] {
    return [...this.#entries.values()].map(({ key, value }) => [key, value]);
  }
}

function decoderFor(name: string): TextDecoder {
  try {
    return new TextDecoder(name);
  } catch {
    return new TextDecoder();
  }
}

const HEAD = new Set([".encoding", "config.version"]);

function quote(value: string): string {
  return value.replace(
    /[|"\r\n]/g,
    (char) => `|${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function unquote(value: string): string {
  return value.replace(/\|([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
