import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { serveFiles } from "./file-server.ts";
import { buildOva, diskFile } from "./ova-builder.ts";
import { rawDisk, streamVmdk } from "./stream-vmdk.ts";

/** An OVA on a web server that hands out half of the disk and the rest when it is told to. */
export interface GatedOva {
  readonly url: string;
  /** SHA-256 of the raw disk. */
  readonly rawSha256: string;
  /** How many transfers of the disk stand still in the middle now. */
  waiting(): number;
  /** Lets the rest out, and everything that comes later. */
  open(): void;
  close(): Promise<void>;
}

const DISK_BYTES = 4 * 1024 * 1024;
/** A request for more than this is for the disk. */
const PART_BYTES = 256 * 1024;

export async function serveGatedOva(): Promise<GatedOva> {
  const raw = rawDisk(DISK_BYTES, 7);
  const disk = diskFile("slow-disk1.vmdk", { content: streamVmdk(raw), capacityBytes: DISK_BYTES });
  const { ova } = buildOva({ name: "slow", files: [disk] });
  const held = new Set<() => void>();
  let isOpen = false;

  const intercept = (request: IncomingMessage, response: ServerResponse): boolean => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    const [start, end] = [Number(range?.[1]), Number(range?.[2]) + 1];
    if (isOpen || range === null || end - start <= PART_BYTES) return false;
    const middle = start + Math.floor((end - start) / 2);
    response.writeHead(206, {
      "content-length": end - start,
      "content-range": `bytes ${start}-${end - 1}/${ova.length}`,
      etag: `"${ova.length}"`,
    });
    const goOn = () => response.end(ova.subarray(middle, end));
    response.once("close", () => held.delete(goOn));
    response.write(ova.subarray(start, middle), () => held.add(goOn));
    return true;
  };

  const server = await serveFiles(new Map([["/slow.ova", ova]]), { intercept });
  return {
    url: `${server.url}/slow.ova`,
    rawSha256: createHash("sha256").update(raw).digest("hex"),
    waiting: () => held.size,
    open: () => {
      isOpen = true;
      for (const goOn of held) goOn();
    },
    close: () => server.close(),
  };
}
