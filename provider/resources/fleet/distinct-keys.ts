import * as v from "valibot";
import { name } from "../inputs/setting-forms.ts";

/** Keys of people or things. No key is there twice. */
export const distinctKeys = v.pipe(
  v.array(name, "must be a list of texts"),
  v.check((keys) => new Set(keys).size === keys.length, "must not name a key twice"),
);
