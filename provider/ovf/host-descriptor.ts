const OPAQUE_OR_FILE_TAG =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<(?:[\w.-]+:)?File(?=[\s/>])(?:[^"'>]|"[^"]*"|'[^']*')*>/g;

const PACKING_ATTRIBUTE = /\s+(?:[\w.-]+:)?(?:compression|chunkSize)\s*=\s*(?:"[^"]*"|'[^']*')/g;

/**
 * The descriptor as the host must get it: without `ovf:compression` and `ovf:chunkSize`, since newer hosts refuse
 * both, and files are unzipped and put together on the way. Everything else stays as it is, character by character;
 * `ovf:size` too, which the host uses for progress only.
 */
export function descriptorForHost(descriptorXml: string): string {
  return descriptorXml.replace(OPAQUE_OR_FILE_TAG, (match) =>
    match.startsWith("<!") ? match : match.replace(PACKING_ATTRIBUTE, ""),
  );
}
