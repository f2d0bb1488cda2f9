/**
 * `npm run demo`: the real Pulumi deploys a real OVA several times to a simulated ESXi host that this command runs,
 * clones it there, and builds a machine from nothing.
 * `npm run demo -- class` shows a class of thirty people on two hosts, and what changes when people and hosts come and go.
 * `npm run demo -- --license free` shows the same on a host whose licence lets the API only read: all goes over SSH.
 * `npm run demo -- COMMAND…` runs any pulumi command on the same stack and host: preview, up, destroy, config set …
 */
import { classTour } from "./demo/class.ts";
import { freeTour } from "./demo/free.ts";
import { heading } from "./demo/heading.ts";
import { useHost } from "./demo/host.ts";
import { listVms } from "./demo/list-vms.ts";
import { DemoStack } from "./demo/stack.ts";

async function tour(stack: DemoStack): Promise<number> {
  const steps: (readonly [title: string, args: readonly string[]])[] = [
    ["What would be made: pulumi preview", ["preview"]],
    ["Make it: pulumi up", ["up", "--yes", "--skip-preview"]],
  ];
  for (const [title, args] of steps) {
    heading(title);
    const code = await stack.pulumi(args);
    if (code !== 0) return code;
  }
  await listVms(stack);
  heading("Again, with nothing to do: pulumi up");
  const code = await stack.pulumi(["up", "--yes", "--skip-preview"]);
  if (code !== 0) return code;
  console.log(`
Now try:
  npm run demo -- config set ova:numInstances 5
  npm run demo -- config set clones:numClones 10
  npm run demo -- config set scratch:numVms 2
  npm run demo -- preview
  npm run demo -- up
  npm run demo -- vms                          the host's own list
  npm run demo -- class                        a class of thirty people on two hosts
  npm run demo -- --license free               all of this over SSH, on a host with a free licence
  npm run demo -- destroy
On your own ESXi:
  npm run demo -- config set esxi:host esxi.example.com
  npm run demo -- config set --secret esxi:password
  npm run demo -- config set esxi:thumbprint …  (an error tells you the host's)`);
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "class") return classTour();
  if (args[0] === "--license") return licensedTour(args);
  const { host, stop } = await useHost(args[0] === "vms");
  try {
    const stack = await DemoStack.open(host);
    if (args.length === 0) return await tour(stack);
    if (args[0] !== "vms") return await stack.pulumi(args);
    await listVms(stack);
    return 0;
  } finally {
    await stop();
  }
}

function licensedTour([, license, ...more]: readonly string[]): Promise<number> {
  if (license === "free" && more.length === 0) return freeTour();
  throw new Error(
    "It is `npm run demo -- --license free`, and without --license the host has a licence with API access.",
  );
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
