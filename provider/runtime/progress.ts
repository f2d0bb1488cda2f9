// Generated CommonJS, whose names Node cannot see from outside: hence the default import.
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import { printable } from "../host/printable.ts";
import { engine } from "./engine.ts";

/** Says what goes on with one resource, in its own row of Pulumi's display. */
export interface Progress {
  /**
   * Shows a line that leaves no trace when the resource is done. At most about one a second is shown, the first when
   * the operation has gone on for a second: what is over sooner needs none, and hundreds of them cost the engine time.
   */
  status(text: string): void;
  /** Leaves a line under the resource, in a preview too. */
  info(text: string): void;
  /** Leaves a warning under the resource. */
  warn(text: string): void;
  /**
   * Drops a status that is still held back, and takes away the one that is shown, which Pulumi would leave in the finished
   * row. Call when the operation ends; resolves when the row is as it is to stay.
   */
  end(): Promise<void>;
}

const STATUS_INTERVAL_MS = 1000;

/**
 * Progress for a resource; silent where there is no engine (unit tests) or no URN. Logging through `pulumi.log` goes
 * nowhere near the resource in a dynamic-provider process.
 */
export function progressFor(urn: string | undefined): Progress {
  let last = Date.now();
  let held: string | undefined;
  let isShown = false;
  let timer: NodeJS.Timeout | undefined;
  const show = (text: string) => {
    last = Date.now();
    held = undefined;
    isShown = true;
    void log("status", urn, text);
  };
  return {
    status(text) {
      held = text;
      const wait = last + STATUS_INTERVAL_MS - Date.now();
      if (wait <= 0) show(text);
      else
        timer ??= setTimeout(() => {
          timer = undefined;
          if (held !== undefined) show(held);
        }, wait).unref();
    },
    info: (text) => void log("info", urn, text),
    warn: (text) => void log("warning", urn, text),
    async end() {
      clearTimeout(timer);
      timer = undefined;
      held = undefined;
      if (isShown) await log("status", urn, "");
      isShown = false;
    },
  };
}

/** Leaves a line under the stack itself. */
export function tellStack(text: string | undefined): void {
  if (text !== undefined) void log("info", "", text);
}

/** Resolves when the engine has the line, or cannot be reached: that is never a reason to fail. */
async function log(
  kind: "status" | "info" | "warning",
  urn: string | undefined,
  text: string,
): Promise<void> {
  const client = engine();
  if (urn === undefined || client === undefined) return;
  const { INFO, WARNING } = engineMessages.LogSeverity;
  const request = new engineMessages.LogRequest();
  request.setSeverity(kind === "warning" ? WARNING : INFO);
  request.setUrn(urn);
  request.setMessage(printable(text));
  request.setEphemeral(kind === "status");
  await new Promise<void>((resolve) => client.log(request, () => resolve()));
}
