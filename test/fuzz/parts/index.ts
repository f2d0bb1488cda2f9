import type { FuzzPart } from "../fuzz-part.ts";
import { archives } from "./archives.ts";
import { descriptors } from "./descriptors.ts";
import { soapAnswers } from "./soap-answers.ts";
import { vmdkHeaders } from "./vmdk-headers.ts";
import { vmxFiles } from "./vmx-files.ts";

/** Everything that `npm run fuzz` tries. */
export const PARTS: readonly FuzzPart[] = [archives, descriptors, soapAnswers, vmdkHeaders, vmxFiles];
