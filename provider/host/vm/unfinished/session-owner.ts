import { createHash } from "node:crypto";
import { pauseFor } from "../../../pause.ts";
import { retrieveOne } from "../../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import { Answers, perHost } from "../../per-host.ts";

/** A process at work calls its host at least this often. The progress of a lease has a timer of its own. */
export const SIGN_OF_LIFE_SECONDS = 15;

const sessions = perHost(() => new Answers<string>());

/** Digest of this process's session at the host, for owner marks. The session's key itself is a secret. */
export async function ownSession(host: EsxiHost): Promise<string> {
  await host.client.connect();
  return sessions(host).get(String(host.client.sessionNumber), () => readOwnSession(host));
}

async function readOwnSession(host: EsxiHost): Promise<string> {
  const { sessionManager } = (await host.facts()).content;
  if (!sessionManager) return "";
  const { currentSession } = await retrieveOne(host.client, sessionManager, "SessionManager", [
    "currentSession",
  ]);
  return currentSession === undefined ? "" : digest(currentSession.key);
}

/**
 * Seconds since the session with that digest last called the host. Undefined if the host has no such session: then
 * its process has ended.
 */
export async function idleSeconds(host: EsxiHost, session: string): Promise<number | undefined> {
  const { content } = await host.facts();
  if (!content.sessionManager) return undefined;
  const { sessionList } = await retrieveOne(host.client, content.sessionManager, "SessionManager", [
    "sessionList",
  ]);
  const found = sessionList?.find(({ key }) => digest(key) === session);
  if (!found) return undefined;
  const now = await host.client.call(
    { type: "ServiceInstance", value: "ServiceInstance" },
    "CurrentTime",
    {},
  );
  return (Date.parse(now) - Date.parse(found.lastActiveTime)) / 1000;
}

/**
 * Waits until no other process is at work on the thing that bears the mark of that session. A process at work calls
 * the host every few seconds. One that does not is dead.
 *
 * @param what `"web"`, for messages
 * @throws HostError if it goes on for long.
 */
export async function untilNotAtWork(
  host: EsxiHost,
  session: string,
  what: string,
  { signal, onStatus }: { readonly signal: AbortSignal; readonly onStatus: (text: string) => void },
): Promise<void> {
  if (session === (await ownSession(host))) return;
  for (let looks = 0; ; looks++) {
    const idle = await idleSeconds(host, session);
    if (idle === undefined || idle >= SIGN_OF_LIFE_SECONDS) return;
    if (looks === 2) {
      throw new HostError(
        `${host.name}: another run of Pulumi is creating ${what} right now. Nothing was changed. ` +
          "Wait for it to end, then run `pulumi up` again.",
      );
    }
    onStatus(`${what} is half made: looking whether another run is still at work on it`);
    await pauseFor((SIGN_OF_LIFE_SECONDS - idle) * 1000 + 500, signal);
  }
}

const digest = (key: string) => createHash("sha256").update(key).digest("hex").slice(0, 16);
