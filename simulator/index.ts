/** An ESXi host in a process: what tests start, and what `npm run simulator` runs. */
import type { FaultRule } from "./faults/rules.ts";
import { FaultRules } from "./faults/rules.ts";
import { Host } from "./host/host.ts";
import { hostOptions, type SimulatorOptions } from "./options.ts";
import { propertyHandlers } from "./property/methods.ts";
import { viewHandlers } from "./property/views.ts";
import { loadCertificate } from "./server/certificate.ts";
import { Recorder } from "./server/recorder.ts";
import { type RequestEntry, RequestLog } from "./server/request-log.ts";
import { close, createHttpsServer, listen } from "./server/server.ts";
import { sessionHandlers } from "./session/methods.ts";
import type { Session } from "./session/sessions.ts";
import { HandlerTable } from "./soap/handlers.ts";

export type { FaultAction, FaultRule } from "./faults/rules.ts";
export type { SimulatorOptions } from "./options.ts";
export type { RequestEntry } from "./server/request-log.ts";

export interface Simulator {
  /** `https://127.0.0.1:PORT`: as `esxi:host`, as `GOVC_URL`, and for pyVmomi. */
  readonly url: string;
  readonly port: number;
  readonly username: string;
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly thumbprint: string;
  /** The hardware UUID. */
  readonly hostUuid: string;
  readonly faults: { add(rule: FaultRule): void; clear(): void };
  readonly requests: {
    entries(): readonly RequestEntry[];
    count(method?: string): number;
    maxConcurrent(method?: string): number;
    clear(): void;
  };
  /** Live sessions. */
  sessions(): readonly Pick<Session, "key" | "userName" | "userAgent" | "loginTime">[];
  expireSessions(): void;
  setPassword(password: string): void;
  stop(): Promise<void>;
}

/** Starts a host on a state folder; what an earlier run left there is the host's inventory. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const host = await Host.open(hostOptions(options), options.password);
  const certificate = await loadCertificate(options.stateDir);
  const handlers = new HandlerTable();
  for (const group of [sessionHandlers(host), propertyHandlers(host), viewHandlers(host)])
    handlers.register(group);
  const rules = new FaultRules(options.faults ?? [], options.seed ?? 1);
  const log = new RequestLog();
  const recorder = new Recorder(options.recordTo);
  const server = createHttpsServer(certificate, {
    sdk: { host, handlers, rules, log, recorder, latencyMs: options.latencyMs ?? 0 },
    nfc: async (_request, response) => void response.writeHead(404).end(),
    folder: async (_request, response) => void response.writeHead(404).end(),
  });
  const [address, wanted] = parseListen(options.listen ?? "127.0.0.1:0");
  const port = await listen(server, address, wanted === 0 ? host.store.port : wanted, wanted === 0);
  host.store.port = port;

  return {
    url: `https://${address}:${port}`,
    port,
    username: host.options.username,
    thumbprint: certificate.thumbprint,
    hostUuid: host.identity.uuid,
    faults: rules,
    requests: log,
    sessions: () => host.sessions.list(),
    expireSessions: () => host.sessions.endAll(),
    setPassword: (password) => host.sessions.setPassword(password),
    async stop() {
      await close(server);
      await host.close();
      await recorder.close();
    },
  };
}

function parseListen(text: string): [address: string, port: number] {
  const match = /^(127\.\d+\.\d+\.\d+|localhost):(\d{1,5})$/.exec(text);
  if (match === null)
    throw new Error(`Cannot listen on ${text}: give a loopback address and a port, as 127.0.0.1:0`);
  return [match[1] ?? "127.0.0.1", Number(match[2])];
}
