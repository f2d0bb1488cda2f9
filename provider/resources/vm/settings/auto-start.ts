import * as v from "valibot";
import { unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";

const delay = v.optional(wholeNumber(0, 86_400, "seconds"));

/** The setting `autoStart`. */
export const autoStart = v.optional(
  v.strictObject(
    {
      enabled: v.optional(yesOrNo, true),
      order: v.optional(wholeNumber(1, 10_000, "")),
      startDelaySeconds: delay,
      waitForHeartbeat: v.optional(yesOrNo),
      stopDelaySeconds: delay,
      stopAction: v.optional(
        v.picklist(
          ["powerOff", "suspend", "guestShutdown"],
          "must be one of powerOff, suspend, guestShutdown",
        ),
      ),
    },
    unknownSetting,
  ),
);
