import { connect as connectSocket, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startLab } from "../host/lab.ts";
import { ended, logIn, open, run, startSshHost } from "./ssh-lab.ts";

const SERVICES = "HostServiceSystem:serviceSystem";
const SSH = "<id>TSM-SSH</id>";

describe("SSH limits", () => {
  it("opens ten sessions on a connection, and then no more until one ends", async () => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    const channels = await Promise.all(Array.from({ length: 10 }, () => open(client, "cat")));
    await expect(open(client, "true")).rejects.toThrow(/open/i);
    const [first, ...others] = channels;
    first?.end("bye");
    expect(first && (await ended(first)).stdout).toBe("bye");
    expect((await run(client, "true")).code).toBe(0);
    for (const channel of others) channel.end();
  });

  it("opens one session at a time on a hardened host", async () => {
    const simulator = await startSshHost({ ssh: { listen: "127.0.0.1:0", maxSessions: 1 } });
    const client = await logIn(simulator);
    const first = await open(client, "cat");
    await expect(open(client, "true")).rejects.toThrow(/open/i);
    first.end();
    await ended(first);
    expect((await run(client, "true")).code).toBe(0);
  });

  it("forwards nothing, and has no sftp", async () => {
    const simulator = await startSshHost();
    const client = await logIn(simulator);
    const forward = new Promise<void>((resolve, reject) => {
      client.forwardOut("127.0.0.1", 1, "127.0.0.1", simulator.port, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    await expect(forward).rejects.toThrow(/open/i);
    const listen = new Promise<void>((resolve, reject) => {
      client.forwardIn("127.0.0.1", 0, (error) => (error ? reject(error) : resolve()));
    });
    await expect(listen).rejects.toThrow();
    const sftp = new Promise<void>((resolve, reject) => {
      client.sftp((error) => (error ? reject(error) : resolve()));
    });
    await expect(sftp).rejects.toThrow();
  });

  it("drops some of many connections that do not log in, and none of a few", async () => {
    const simulator = await startSshHost();
    const knock = (): Promise<"dropped" | "greeted"> =>
      new Promise((resolve) => {
        const socket: Socket = connectSocket(simulator.ssh?.port ?? 0, "127.0.0.1");
        onTestFinished(() => void socket.destroy());
        socket.once("data", () => {
          socket.write("SSH-2.0-test\r\n");
          resolve("greeted");
        });
        socket.once("close", () => resolve("dropped"));
        socket.on("error", () => resolve("dropped"));
      });
    const few: string[] = [];
    for (let count = 0; count < 10; count++) few.push(await knock());
    expect(few).not.toContain("dropped");
    const many: string[] = [];
    for (let count = 0; count < 40; count++) many.push(await knock());
    expect(many).toContain("dropped");
    expect(many).toContain("greeted");
  });
});

describe("the service TSM-SSH", () => {
  it("is started and stopped through the API; without it nobody is let in, and who is in stays", async () => {
    const { simulator, client } = await startLab({ ssh: { listen: "127.0.0.1:0", running: false } });
    const running = async (): Promise<boolean> =>
      /<key>TSM-SSH<\/key>((?!<key>).)*<running>true/s.test(await client.read(SERVICES, "serviceInfo"));
    expect(await running()).toBe(false);
    await expect(logIn(simulator)).rejects.toThrow(/ECONNREFUSED/);
    await client.ok("StartService", SERVICES, SSH);
    expect(await running()).toBe(true);
    const ssh = await logIn(simulator);
    await client.ok("StopService", SERVICES, SSH);
    expect(await running()).toBe(false);
    await expect(logIn(simulator)).rejects.toThrow(/ECONNREFUSED/);
    expect((await run(ssh, "echo still here")).stdout).toBe("still here\n");
    await client.ok("RestartService", SERVICES, SSH);
    expect((await run(await logIn(simulator), "true")).code).toBe(0);
    expect((await client.call("StartService", SERVICES, "<id>nope</id>")).fault).toBe("NotFound");
  });

  it("cannot be started through the API of a host with a free licence, but by its own shell", async () => {
    const { simulator, client } = await startLab({ ssh: { listen: "127.0.0.1:0" }, license: "free" });
    const ssh = await logIn(simulator);
    expect((await client.call("StopService", SERVICES, SSH)).fault).toBe("RestrictedVersion");
    expect((await run(ssh, "vim-cmd hostsvc/stop_ssh")).code).toBe(0);
    await expect(logIn(simulator)).rejects.toThrow(/ECONNREFUSED/);
    expect((await run(ssh, "vim-cmd hostsvc/start_ssh")).code).toBe(0);
    expect((await run(await logIn(simulator), "true")).code).toBe(0);
  });
});

it("takes the same port and the same keys after a restart", async () => {
  const { simulator } = await startLab({ ssh: { listen: "127.0.0.1:0" } });
  expect(simulator.ssh?.port).toBeGreaterThan(0);
  expect(simulator.requests.count("ssh.connect")).toBe(0);
  await run(await logIn(simulator), "true");
  expect(simulator.requests.count("ssh.connect")).toBe(1);
  expect(simulator.requests.entries().find(({ method }) => method === "ssh.exec")).toMatchObject({
    target: "true",
    status: 0,
  });
});

it("keeps nothing of a command that has ended", async () => {
  const simulator = await startSshHost();
  const client = await logIn(simulator);
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  for (let count = 0; count < 120; count++) expect((await run(client, "true", "unread input")).code).toBe(0);
  process.off("warning", warn);
  expect(warnings).toEqual([]);
});
