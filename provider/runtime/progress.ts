// Generated CommonJS, whose names Node cannot see from outside: hence the default import.

import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import { clock } from "../clock.ts";
import { printable } from "../host/printable.ts";
import { engine } from "./engine.ts";

/** Reports the progress of one resource in its own row of Pulumi's display. */
export interface Progress {
  /**
   * Shows a status line that disappears when the resource is done. At most about one per second is shown. The first one
   * is shown when the operation has run for a second: a shorter operation needs none, and hundreds of lines cost the
   * engine time.
   */
  status(text: string): void;
  /**
   * Leaves a line under the resource, in a preview too. A line of a diff stands in the finished row as well. So it names
   * the change ("update in place: …"), and says neither that it will come nor that it is done.
   */
  info(text: string): void;
  /** Leaves a warning under the resource. */
  warn(text: string): void;
  /**
   * Drops a status line that is still held back, and removes the one that is shown. Pulumi would leave it in the
   * finished row. Call it when the operation ends. It resolves when the row has its final state.
   */
  end(): Promise<void>;
}

const STATUS_INTERVAL_MS = 1000;

/**
 * Progress for a resource. Silent if there is no engine (unit tests) or no URN. In a dynamic-provider process, lines of
 * `pulumi.log` do not appear under the resource.
 */
export function progressFor(urn: string | undefined): Progress {
  let last = clock.now();
  let held: string | undefined;
  let isShown = false;
  let timer: NodeJS.Timeout | undefined;
  const show = (text: string) => {
    last = clock.now();
    held = undefined;
    isShown = true;
    void log("status", urn, text);
  };
  return {
    status(text) {
      held = text;
      const wait = last + STATUS_INTERVAL_MS - clock.now();
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

/** Resolves when the engine has the line, or cannot be reached. That is never a reason to fail. */
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
