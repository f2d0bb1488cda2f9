/**
 * A disk of an OVA on its way over SSH, as the product sends it, in a process of its own: `node ssh-upload.ts OVA TARGET`; the host
 * and its login are JSON in SSH_SETTINGS. Prints the seconds that it took and how much memory.
 */
import { readFileSync } from "node:fs";
import { openFile } from "../provider/ovf/package/open-file.ts";
import { openOvaSource } from "../provider/ovf/source/source.ts";
import { upload } from "../provider/ssh/commands/shell-upload.ts";
import { SshConnection } from "../provider/ssh/connection.ts";
import type { SshSettings } from "../provider/ssh/ssh-settings.ts";

const [ova = "", target = ""] = process.argv.slice(2);
const ssh = new SshConnection(JSON.parse(process.env.SSH_SETTINGS ?? "") as SshSettings);
const source = await openOvaSource(ova);
const [disk] = source.files;
if (!disk) throw new Error("The OVA has no disk.");
await ssh.open();
const { signal } = new AbortController();
/** The largest memory of this process so far. */
const peakBytes = () =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
const before = peakBytes();
const began = performance.now();
const { stream, contentLength } = await openFile(source, disk, signal);
await upload(ssh, target, stream, { bytes: contentLength, signal });
const seconds = (performance.now() - began) / 1000;
await ssh.close();
await source.close();
console.log(JSON.stringify({ seconds, addedBytes: peakBytes() - before }));
