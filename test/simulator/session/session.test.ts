import { describe, expect, it } from "vitest";
import { connect, startHost, startLab } from "../host/lab.ts";
import { COLLECTOR, firstText } from "../host/raw-client.ts";

const SERVICE = "ServiceInstance:ServiceInstance";
const SESSIONS = "SessionManager:ha-sessionmgr";

describe("before login", () => {
  it("tells what it is: a standalone host", async () => {
    const client = connect(await startHost());
    const text = await client.ok("RetrieveServiceContent", SERVICE);
    expect(firstText(text, "apiType")).toBe("HostAgent");
    expect(firstText(text, "productLineId")).toBe("embeddedEsx");
    expect(firstText(text, "fileManager")).toBe("ha-nfc-file-manager");
  });

  it("lists the API versions that it speaks, its own first", async () => {
    const client = connect(await startHost({ apiVersion: "7.0.3.0" }));
    const { status, body } = await client.http("GET", "/sdk/vimServiceVersions.xml");
    expect(status).toBe(200);
    expect(firstText(body, "version")).toBe("7.0.3.0");
    expect(body).toContain("<version>6.5</version>");
    expect(body).not.toContain("8.0");
  });

  it("refuses what needs a session with NotAuthenticated", async () => {
    const client = connect(await startHost());
    const reply = await client.call("CurrentTime", SERVICE);
    expect(reply).toMatchObject({
      status: 500,
      fault: "NotAuthenticated",
      message: "The session is not authenticated.",
    });
  });

  it("answers RetrievePropertiesEx with every property missing", async () => {
    const client = connect(await startHost());
    const text = await client.read("Folder:ha-folder-vm", "name", "childEntity");
    expect(text).toContain("<missingSet><path>name</path>");
    expect(text).toContain("<missingSet><path>childEntity</path>");
    expect(text).toContain('<fault xsi:type="NotAuthenticated">');
    expect(text).not.toContain("<propSet>");
  });
});

describe("login", () => {
  it("opens a session that ends with logout", async () => {
    const { simulator, client } = await startLab();
    expect(simulator.sessions()).toHaveLength(1);
    expect(await client.value(SESSIONS, "currentSession.userName")).toBe("root");
    await client.ok("Logout", SESSIONS);
    expect(simulator.sessions()).toHaveLength(0);
    expect((await client.call("CurrentTime", SERVICE)).fault).toBe("NotAuthenticated");
  });

  it("refuses a wrong password in ESXi's words", async () => {
    const client = connect(await startHost());
    expect(await client.login("root", "wrong")).toMatchObject({
      status: 500,
      fault: "InvalidLogin",
      message: "Cannot complete login due to an incorrect user name or password.",
    });
    expect(client.cookie).toBe("");
  });

  it("refuses a second login in the same session", async () => {
    const { client } = await startLab();
    expect((await client.login()).fault).toBe("InvalidLogin");
  });

  it("locks the account after five failures, even for the right password", async () => {
    const { simulator } = await startHost();
    const client = connect(simulator);
    for (let failure = 0; failure < 5; failure++) await client.login("root", "wrong");
    expect((await client.login()).fault).toBe("InvalidLogin");
    expect(simulator.sessions()).toHaveLength(0);
  });

  it("forgets failures after a success", async () => {
    const client = connect(await startHost());
    for (let failure = 0; failure < 4; failure++) await client.login("root", "wrong");
    expect((await client.login()).status).toBe(200);
    client.cookie = "";
    await client.login("root", "wrong");
    expect((await client.login()).status).toBe(200);
  });

  it("takes a changed password", async () => {
    const { simulator } = await startHost();
    simulator.setPassword("another");
    expect((await connect(simulator).login()).fault).toBe("InvalidLogin");
    expect((await connect(simulator).login("root", "another")).status).toBe(200);
  });
});

describe("an expired session", () => {
  it("shows its two faces", async () => {
    const { simulator, client } = await startLab();
    simulator.expireSessions();
    expect((await client.call("CreatePropertyCollector", COLLECTOR)).fault).toBe("NotAuthenticated");
    expect(await client.read("Folder:ha-folder-vm", "name")).toContain("<missingSet><path>name</path>");
  });

  it("ends who waits for updates", async () => {
    const { simulator, client } = await startLab();
    await client.ok(
      "CreateFilter",
      COLLECTOR,
      '<spec><propSet><type>Folder</type><pathSet>childEntity</pathSet></propSet><objectSet><obj type="Folder">ha-folder-vm</obj></objectSet></spec><partialUpdates>false</partialUpdates>',
    );
    const version = firstText(await client.ok("WaitForUpdatesEx", COLLECTOR), "version");
    const waiting = client.call("WaitForUpdatesEx", COLLECTOR, `<version>${version}</version>`);
    await expect.poll(() => simulator.requests.entries().at(-1)?.status).toBeUndefined();
    simulator.expireSessions();
    expect((await waiting).fault).toBe("NotAuthenticated");
  });

  it("takes its property collectors with it", async () => {
    const { simulator, client } = await startLab();
    const collector = firstText(await client.ok("CreatePropertyCollector", COLLECTOR), "returnval");
    simulator.expireSessions();
    client.cookie = "";
    await client.login();
    const reply = await client.call("CheckForUpdates", `PropertyCollector:${collector}`);
    expect(reply.fault).toBe("ManagedObjectNotFound");
  });
});
