/** Against vcsim, which begins with as many machines as it is told to. */
import { expect, test } from "vitest";
import { connectTo } from "../../../../support/esxi-host.ts";
import { need } from "../../../../support/prerequisites.ts";
import { startVcsim } from "../../../../support/vcsim.ts";

test.for([0, 20, 21, 280])(
  "each of %i machines is in the read of all, and in the one that serves a refresh",
  async (vms, context) => {
    const vcsim = await startVcsim({ program: await need(context, "TEST_VCSIM"), password: "secret", vms });
    context.onTestFinished(() => vcsim.stop());
    const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
    context.onTestFinished(() => host.close());
    const onHost = await host.vms.entries();
    expect(onHost).toHaveLength(vms);
    const identities = onHost.map(({ instanceUuid }) => instanceUuid ?? "").sort();
    // Of every second one it is known where it was last seen; of the first that is not true any more.
    const seenAt = new Map(
      onHost.flatMap(({ ref, instanceUuid = "" }, index) =>
        index % 2 === 0 ? [[instanceUuid, index === 0 ? "another" : ref.value]] : [],
      ),
    );
    expect((await host.vms.inventory()).vms.map(({ instanceUuid }) => instanceUuid).sort()).toEqual(
      identities,
    );
    const seen = await Promise.all(
      identities.map((instanceUuid) => host.vms.snapshot({ instanceUuid, moid: seenAt.get(instanceUuid) })),
    );
    expect(seen.map((vm) => vm?.instanceUuid)).toEqual(identities);
    expect(await host.vms.snapshot({ instanceUuid: "nobody's", moid: "1" })).toBeUndefined();
  },
);
