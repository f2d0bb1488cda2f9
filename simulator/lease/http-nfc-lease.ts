/** HttpNfcLease: the methods for the lease of an import. */

import { type Call, type Handlers, type Part, sessionOf } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { managedObjectNotFound, notSupported, VimFault } from "../soap/fault.ts";
import type { Lease } from "./lease.ts";
import type { Leases } from "./leases.ts";
import { filesToPull, pull, setChecksumTypes } from "./pull.ts";

const MAX_PERCENT = 100;

export function httpNfcLeases({ options, tasks }: HostContext, leases: Leases): Part {
  const leaseOf = (call: Call): Lease => {
    const lease = leases.find(call.object.ref.value);
    if (lease === undefined) throw managedObjectNotFound(call.object.ref);
    return lease;
  };
  const handlers: Handlers = {
    HttpNfcLeaseProgress(call, { percent }) {
      const lease = leaseOf(call);
      lease.needReady();
      if (percent < 0 || percent > MAX_PERCENT) {
        throw new VimFault("InvalidArgument", "A specified parameter was not correct: percent", {
          invalidProperty: "percent",
        });
      }
      lease.setPercent(percent);
    },

    async HttpNfcLeaseComplete(call) {
      const lease = leaseOf(call);
      lease.complete();
      await lease.over;
    },

    async HttpNfcLeaseAbort(call, { fault }) {
      const lease = leaseOf(call);
      if (lease.state !== "initializing") lease.needReady();
      const message = fault?.localizedMessage ?? "The task was canceled by a user.";
      lease.fail(new VimFault("RequestCanceled", message));
      await lease.over;
    },

    HttpNfcLeasePullFromUrls_Task(call, { files }) {
      const lease = leaseOf(call);
      if (options.behaviour.pullFromUrls === "refused") throw notSupported();
      lease.needReady();
      const pulled = filesToPull(lease, files);
      return tasks.start(
        {
          method: call.method,
          operation: "vim.HttpNfcLease.pullFromUrls",
          entity: lease.ref,
          entityName: lease.vmName,
          userName: sessionOf(call).userName,
          cancelable: true,
        },
        async (control) => {
          const work = pull(lease, pulled, control);
          lease.track(work);
          await work;
        },
      );
    },

    HttpNfcLeaseSetManifestChecksumType(call, { deviceUrlsToChecksumTypes }) {
      const lease = leaseOf(call);
      lease.needReady();
      setChecksumTypes(lease, deviceUrlsToChecksumTypes);
    },

    HttpNfcLeaseGetManifest(call) {
      const lease = leaseOf(call);
      lease.needReady();
      return lease.manifest();
    },
  };
  return { handlers };
}
