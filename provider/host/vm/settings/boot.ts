import { bootOrder } from "./boot-order.ts";
import { converted, field, key, property, scalar } from "./setting.ts";

/** How a machine starts its guest. */
export const boot = {
  /** An installed guest boots only with the firmware with which it was installed. */
  firmware: converted(property("firmware"), {
    toValue: (raw) => (raw === "efi" ? "efi" : "bios"),
    toRaw: (firmware: "bios" | "efi") => firmware,
    off: "always",
    vmx: key("firmware"),
  }),
  efiSecureBootEnabled: scalar(field("bootOptions", "efiSecureBootEnabled"), {
    usual: false,
    off: "always",
    vmx: key("uefi.secureBoot.enabled"),
  }),
  /** In milliseconds, and so is the delay before the next try. */
  bootDelay: scalar(field("bootOptions", "bootDelay"), {
    usual: 0,
    off: "never",
    vmx: key("bios.bootDelay"),
  }),
  bootRetryEnabled: scalar(field("bootOptions", "bootRetryEnabled"), {
    usual: false,
    off: "never",
    vmx: key("bios.bootRetry.enabled"),
  }),
  bootRetryDelay: scalar(field("bootOptions", "bootRetryDelay"), {
    usual: 10_000,
    off: "never",
    // The .vmx file has seconds.
    vmx: (vmx, milliseconds) => vmx.set("bios.bootRetry.delay", String(milliseconds / 1000)),
  }),
  bootOrder,
};
