import { describe, expect, it } from "vitest";
import { createVm, startLab } from "../host/lab.ts";
import { logIn, run } from "../ssh/ssh-lab.ts";

async function open(license: "free" | "licensed" = "free") {
  const { simulator, client } = await startLab({ ssh: { listen: "127.0.0.1:0" }, license });
  const ssh = await logIn(simulator);
  const said = async (command: string) => {
    const { code, stdout } = await run(ssh, command);
    return `${code} ${stdout}`;
  };
  return { simulator, client, said };
}

describe("vim-cmd hostsvc/rsrc", () => {
  const rsrc = "vim-cmd hostsvc/rsrc";

  it("makes, tells, changes, renames and removes pools; what is not given stays", async () => {
    const { client, said } = await open();
    const figures =
      "--cpu-min=100 --cpu-min-expandable=false --cpu-max=200 --cpu-shares=high --mem-shares=77";
    expect(await said(`${rsrc}/create ${figures} ha-root-pool ci`)).toBe("0 'vim.ResourcePool:pool1'\n");
    const told = await said(`${rsrc}/pool_config_get pool1`);
    expect(told).toContain("(vim.ResourceConfigSpec) {");
    expect(told).toMatch(/reservation = 100, \n +expandableReservation = false, \n +limit = 200, /);
    expect(told).toMatch(/shares = 77, \n +level = "custom"/);
    expect(await said(`${rsrc}/pool_config_set --cpu-min=50 pool1`)).toBe("0 ");
    expect(await said(`${rsrc}/rename pool1 "two words"`)).toBe("0 ");
    expect(await client.value("ResourcePool:pool1", "name")).toBe("two words");
    expect(await client.value("ResourcePool:pool1", "config.cpuAllocation.limit")).toBe("200");
    expect(await said(`${rsrc}/destroy pool1`)).toBe("0 ");
    expect(await said(`${rsrc}/destroy pool1`)).toMatch(/^1 \(vim\.fault\.NotFound\)/);
  });

  it("prints a fault with status 0, and takes a name with a dash for an option", async () => {
    const { said } = await open();
    await said(`${rsrc}/create ha-root-pool ci`);
    expect(await said(`${rsrc}/create ha-root-pool ci`)).toMatch(/^0 \(vim\.fault\.DuplicateName\)/);
    expect(await said(`${rsrc}/create ha-root-pool -ci`)).toMatch(/^0 \(vmodl\.fault\.InvalidArgument\)/);
    expect(await said(`${rsrc}/create -- ha-root-pool -ci`)).toBe("0 'vim.ResourcePool:pool2'\n");
  });
});

describe("vim-cmd hostsvc/autostartmanager", () => {
  const manager = "vim-cmd hostsvc/autostartmanager";

  it("switches the list on, and enters machines; one beyond the end is shown no more", async () => {
    const { client, said } = await open("licensed");
    const [first, second] = [await createVm(client, "one"), await createVm(client, "two")].map(
      (ref) => ref.split(":")[1],
    );
    const entry = (id: string | undefined, order: number, action = "PowerOn") =>
      said(`${manager}/update_autostartentry -- ${id} ${action} 5 ${order} systemDefault -1 systemDefault`);
    await said(`${manager}/enable_autostart true`);
    expect(await entry(first, 1)).toMatch(/^0 /);
    const list = await said(`${manager}/get_autostartseq`);
    expect(list).toMatch(/key = 'vim\.VirtualMachine:\d+', \n +startOrder = 1, \n +startDelay = 5, /);
    const shown = () => client.read("HostAutoStartManager:ha-autostart-mgr", "config.powerInfo");
    await entry(second, 7);
    expect(await shown()).not.toContain(`>${second}<`);
    await entry(second, -1, "PowerOff");
    expect(await shown()).toMatch(new RegExp(`>${second}<[\\s\\S]*<startAction>PowerOff<`));
    expect(
      await said(`${manager}/update_autostartentry ${first} PowerOn -1 1 systemDefault -1 systemDefault`),
    ).toMatch(/InvalidArgument/);
  });
});

describe("services", () => {
  it("the ESXi shell by vim-cmd, the time service by esxcli, which starts it now and with the host", async () => {
    const { client, said } = await open();
    const seen = async (key: string) => {
      const info = await client.read("HostServiceSystem:serviceSystem", "serviceInfo");
      const one = info.slice(info.indexOf(`<key>${key}</key>`));
      return ["running", "policy"].map((name) => new RegExp(`<${name}>(\\w+)`).exec(one)?.[1]).join(" ");
    };
    await said("vim-cmd hostsvc/enable_esx_shell");
    await said("vim-cmd hostsvc/start_esx_shell");
    expect(await seen("TSM")).toBe("true on");
    await said("vim-cmd hostsvc/stop_esx_shell");
    expect(await seen("TSM")).toBe("false on");
    expect(await said("esxcli system ntp set -e true")).toBe("0 ");
    expect(await seen("ntpd")).toBe("true on");
    expect(await said("esxcli system ntp get")).toMatch(/Enabled: true/);
    expect(await said("esxcli system ntp set")).toMatch(/^1 Error: /);
  });
});
