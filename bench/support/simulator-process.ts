/** A simulated host in a process of its own, which tells the benchmark that started it what it was asked and what it cost. */
import type { TaskInfo } from "../../schema/index.ts";
import { startSimulator } from "../../simulator/index.ts";
import type { SimulatorFigures, SimulatorStart } from "./simulator.ts";

const { stateDir, password, latencyMs, license } = JSON.parse(process.argv[2] ?? "") as SimulatorStart;
const datastores = [{ name: "datastore1", capacityBytes: 1024 ** 4 }];
const simulator = await startSimulator({
  ...{ stateDir, password, latencyMs, datastores, license },
  ...(license === "free" && { ssh: { listen: "127.0.0.1:0" } }),
});
const tell = (message: object) => process.send?.(message);

const secondsOf = ({ startTime = "", completeTime = "" }: TaskInfo) =>
  (Date.parse(completeTime) - Date.parse(startTime)) / 1000;

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  const figures: SimulatorFigures = {
    requests: simulator.requests.entries().map(({ method }) => method),
    commands: simulator.requests
      .entries()
      .flatMap(({ method, target }) => (method === "ssh.exec" ? [target] : [])),
    copySeconds: simulator
      .tasks()
      .filter(({ name }) => name === "CopyVirtualDisk_Task")
      .map(secondsOf),
    processorSeconds: (user + system) / 1e6,
    vms: simulator.vms().map(({ name, powerState }) => `${name}: ${powerState}`),
  };
  tell(figures);
});
process.on("disconnect", () => void simulator.stop().then(() => process.exit(0)));
const { url, username, thumbprint, ssh } = simulator;
tell({ url, username, thumbprint, ssh: ssh && { port: ssh.port, hostKey: ssh.hostKeySha256 } });
