import type { OptionValue, VirtualMachineConfigInfo } from "../../../../schema/index.ts";
import { create } from "../../../vim/codec/objects.ts";
import { isGuestKey, isIdentityKey } from "../../../vmx/identity-keys.ts";
import type { HostSetting } from "./setting.ts";

type Texts = Readonly<Record<string, string>>;

/** Advanced settings that the host writes itself, or that only concern the machine on which this package wrote them. */
const HOSTS_OWN =
  /^(nvram|pulumi-esxi-direct\.|vmware\.tools\.|toolsinstallmanager\.|monitor\.phys_bits_used|softpoweroff|cleanshutdown|numa\.autosize|sched\.|.*\.pcislotnumber|.*\.present$|pcibridge\d)/i;

/**
 * Advanced settings by key. The empty text removes a key. Information for the guest becomes such settings too
 * (`resources/vm/settings/guest.ts`).
 */
const extraConfig: HostSetting<Texts, "never", "configuration"> = {
  stage: "configuration",
  observe: (vm, wish) =>
    Object.fromEntries(Object.keys(wish).map((key) => [key, vm.extraConfig.get(key) ?? ""])),
  spec: (vm, wish) => ({
    extraConfig: optionValues(
      Object.fromEntries(
        Object.entries(wish).filter(([key, value]) => (vm.extraConfig.get(key) ?? "") !== value),
      ),
    ),
  }),
  off: "never",
  vmx: (vmx, wish) => {
    for (const [key, value] of Object.entries(wish)) {
      if (value === "") vmx.delete(key);
      else vmx.set(key, value);
    }
  },
  copied: (source) => ({ extraConfig: withoutIdentity(source) }),
};

export const guest = { extraConfig };

/** Advanced settings as the API takes them. */
function optionValues(settings: Texts): OptionValue[] {
  return Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));
}

/** The source's advanced settings, without its identity and without the information for its guest. */
function withoutIdentity(config: VirtualMachineConfigInfo): OptionValue[] {
  return (config.extraConfig ?? []).filter(
    ({ key }) => !isIdentityKey(key) && !isGuestKey(key) && !HOSTS_OWN.test(key),
  );
}
