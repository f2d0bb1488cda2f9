/** Runs the ESXi simulator alone and says how to point clients at it. `npm run simulator -- --help` */
import { parseArgs } from "node:util";
import { parseBehaviour } from "../simulator/behaviour.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../simulator/index.ts";
import { DEMO_HOST, DEMO_HOST_PASSWORD, demoSecret } from "./demo/folders.ts";
import { announce, runningHost, withdraw } from "./demo/host.ts";

const USAGE = `npm run simulator -- --listen 127.0.0.1:0 --state DIR --username U --password P

Without --state it runs the host of \`npm run demo\`, which the demo's commands then use.

  --listen ADDRESS:PORT    loopback address; port 0 takes the port of the last run again (default 127.0.0.1:0)
  --state DIR              folder that keeps inventory, certificate and datastores
  --username NAME          default root
  --password TEXT          or SIMULATOR_PASSWORD in the environment
  --latency-ms N           delay before every request, in milliseconds (default 0)
  --task-ms N              least time that a task takes, in milliseconds (default 0)
  --lease-timeout SECONDS  of an NFC lease without progress (default 300)
  --session-idle SECONDS   of a session without a call (default 1800)
  --guest-address-ms N     from power-on to the guest's address, in milliseconds (default 50)
  --capacity-gib N         of each of the two datastores (default 100)
  --api-version X          default 8.0.3.0
  --license TYPE           licensed (default), or free: every write through the API is refused
  --behaviour NAME=ANSWER  what hosts differ in, one or more times (docs/simulator.md)
  --ssh ADDRESS:PORT       an SSH server with the host's shell; the service TSM-SSH runs
  --record FILE            append every SOAP request to FILE, one JSON object a line, secrets replaced
  --json                   first line on standard output is one JSON object: url, username, thumbprint, pid,
                           with --ssh also ssh: port, user, hostKeySha256`;

const { values } = parseArgs({
  options: {
    listen: { type: "string" },
    state: { type: "string" },
    username: { type: "string" },
    password: { type: "string" },
    "latency-ms": { type: "string" },
    "task-ms": { type: "string" },
    "lease-timeout": { type: "string" },
    "session-idle": { type: "string" },
    "guest-address-ms": { type: "string" },
    "capacity-gib": { type: "string" },
    "api-version": { type: "string" },
    license: { type: "string" },
    behaviour: { type: "string", multiple: true },
    ssh: { type: "string" },
    record: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

function number(name: keyof typeof values): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} wants a number, not ${String(text)}`);
  return value;
}

function license(): "licensed" | "free" {
  const { license: type = "licensed" } = values;
  if (type !== "licensed" && type !== "free") throw new Error(`--license is licensed or free, not ${type}`);
  return type;
}

/** Without a state folder it is the demo's host. */
const isDemo = values.state === undefined;

function options(): SimulatorOptions {
  const given = values.password ?? process.env.SIMULATOR_PASSWORD;
  const password = given ?? (isDemo ? demoSecret(DEMO_HOST_PASSWORD) : undefined);
  if (!password) throw new Error("--password (or SIMULATOR_PASSWORD in the environment) is missing");
  const gib = number("capacity-gib");
  const names = ["datastore1", "datastore2"];
  return {
    stateDir: values.state ?? DEMO_HOST,
    listen: values.listen,
    username: values.username,
    password,
    latencyMs: number("latency-ms"),
    taskDurationMs: number("task-ms"),
    leaseTimeoutSeconds: number("lease-timeout"),
    sessionIdleSeconds: number("session-idle"),
    guestAddressDelayMs: number("guest-address-ms"),
    datastores:
      gib === undefined ? undefined : names.map((name) => ({ name, capacityBytes: gib * 1024 ** 3 })),
    apiVersion: values["api-version"],
    license: license(),
    behaviour: parseBehaviour(values.behaviour ?? []),
    ssh: values.ssh === undefined ? undefined : { listen: values.ssh },
    recordTo: values.record,
  };
}

function sshLines({ ssh }: Simulator): string {
  if (ssh === undefined) return "";
  return `
  ssh         ssh -p ${ssh.port} ${ssh.user}@127.0.0.1
  host key    ${ssh.hostKeySha256}`;
}

function explain(simulator: Simulator): string {
  const host = simulator.url.replace("https://", "");
  const port = host.split(":")[1] ?? "443";
  return `ESXi simulator at ${simulator.url}
  user        ${simulator.username}
  thumbprint  ${simulator.thumbprint} (SHA-256)${sshLines(simulator)}

Pulumi
  pulumi config set esxi:host ${host}
  pulumi config set esxi:username ${simulator.username}
  pulumi config set --secret esxi:password
  pulumi config set esxi:thumbprint ${simulator.thumbprint}

govc
  export GOVC_URL=${simulator.url}/sdk GOVC_USERNAME=${simulator.username} GOVC_PASSWORD=…
  export GOVC_INSECURE=1     # or: govc about.cert -k -thumbprint > hosts; export GOVC_TLS_KNOWN_HOSTS=hosts

pyVmomi
  SmartConnect(host="127.0.0.1", port=${port}, user="${simulator.username}", pwd=…, disableSslCertValidation=True)

Ctrl-C ends it; its state stays in ${values.state ?? DEMO_HOST}.`;
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (isDemo && runningHost()) throw new Error("The demo's host is running already.");
  const simulator = await startSimulator(options());
  const { url, port, username, thumbprint, hostUuid } = simulator;
  const ssh = simulator.ssh && {
    port: simulator.ssh.port,
    user: simulator.ssh.user,
    hostKeySha256: simulator.ssh.hostKeySha256,
  };
  console.log(
    values.json
      ? JSON.stringify({ url, port, username, thumbprint, hostUuid, pid: process.pid, ssh })
      : explain(simulator),
  );
  if (isDemo) announce({ url, username, thumbprint, pid: process.pid, ssh });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    if (isDemo) withdraw();
    void simulator.stop().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
