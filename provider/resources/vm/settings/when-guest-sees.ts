import type { Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { changedParts } from "../../inputs/setting-diff.ts";
import { entriesOf, partsOf } from "./entries.ts";

/** When an existing guest takes changes of its identity, as lines for the resource's row. */
export function whenGuestSees(olds: Properties, news: Properties): string[] {
  if (isUnknown(news.guest)) return [];
  const [before, after] = [partsOf(olds.guest), partsOf(news.guest)];
  const isTold = before.networkAtEveryBoot === true;
  const lines = { soon: [] as string[], later: [] as string[], never: [] as string[] };
  for (const part of changedParts(before, after)) {
    if (part === "waitOnNetwork") continue;
    const seen =
      part === "networkAtEveryBoot"
        ? "later"
        : part === "hostname" || (part === "interfaces" && isTold)
          ? "soon"
          : "never";
    lines[seen].push(`guest.${part}`);
  }
  const { soon, later, never } = lines;
  return [
    ...(soon.length > 0 ? [`the guest takes ${soon.join(", ")} at its next boot`] : []),
    ...(later.length > 0
      ? [`the guest reads ${later.join(", ")} at its next boot, and acts on it at the boot after that`]
      : []),
    ...(never.length > 0
      ? [
          `a guest reads ${never.join(", ")} at its first boot only: a guest that has booted ignores the change`,
        ]
      : []),
    ...(never.includes("guest.interfaces") && getsOtherMac(olds, news) ? [LOOKS_FOR_OLD_MAC] : []),
  ];
}

const LOOKS_FOR_OLD_MAC =
  "its adapter gets the MAC address of the new address, but a guest that has booted still looks for the old one. It then has no " +
  "network. Make the machine anew (`pulumi up --target-replace`), or set guest.networkAtEveryBoot first and change " +
  "the address when the guest has booted twice";

function getsOtherMac(olds: Properties, news: Properties): boolean {
  const before = entriesOf(olds.networkInterfaces);
  return entriesOf(news.networkInterfaces).some(({ macAddress }, index) => {
    const old = before[index]?.macAddress;
    return old !== undefined && macAddress !== undefined && old !== macAddress;
  });
}
