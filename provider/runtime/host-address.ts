import { isIPv6 } from "node:net";
import { SettingsError } from "./settings-error.ts";

/** Pages of the host's own web client. People copy their addresses from the browser. */
const WEB_PAGE = /^\/(ui|host|folder|mob|sdk\/.+)\b/;

/**
 * The address of a host's API, as people write it: a name or an address, with or without port, an IPv6 address with or
 * without brackets, or the URL of `/sdk`.
 *
 * @param key The setting's name, for messages. These never repeat the text, which may hold a password.
 * @throws SettingsError for anything else.
 */
export function originOf(text: string, key: string): URL {
  if (isIPv6(text.replace(/^\[|\]$/g, "")) && text.includes("%")) {
    throw new SettingsError(
      `${key} is a link-local address with a zone (the part behind %), which no URL can hold. Give the host's name or another of its addresses.`,
    );
  }
  const withBrackets = isIPv6(text) ? `[${text}]` : text;
  const withScheme = /^[a-z]+:\/\//i.test(withBrackets) ? withBrackets : `https://${withBrackets}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  const isClean = url?.protocol === "https:" && url.username === "" && url.password === "";
  if (isClean && /^\/(sdk\/?)?$/.test(url.pathname) && url.search + url.hash === "") return url;
  const isPage = isClean && (WEB_PAGE.test(url.pathname) || (url.pathname === "/" && url.hash !== ""));
  const isPlain = url?.protocol === "http:";
  throw new SettingsError(
    `${key} must be NAME[:PORT] or https://NAME[:PORT][/sdk], without user or password in it; NAME may be an IP address.` +
      (isPage ? ` This is the address of a page of the host: leave out everything behind ${url.host}.` : "") +
      (isPlain ? " Hosts speak https only: leave out http://." : ""),
  );
}
