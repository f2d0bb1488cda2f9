/** The proxies for downloads in the environment, as curl and npm use them. */
export interface WebProxies {
  /** For `http` URLs. Undefined for none. */
  readonly http: string | undefined;
  readonly https: string | undefined;
}

/**
 * Reads `http_proxy`, `https_proxy` and the same in capitals. `no_proxy` says for which hosts they are not used.
 * @returns Undefined if there is none.
 * @throws Error if one is not a URL. The message never repeats it, because it may hold a password.
 */
export function webProxies(env: NodeJS.ProcessEnv = process.env): WebProxies | undefined {
  const http = proxyOf(env, "http_proxy");
  const https = proxyOf(env, "https_proxy");
  return http === undefined && https === undefined ? undefined : { http, https };
}

function proxyOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const key = [name, name.toUpperCase()].find((candidate) => env[candidate]);
  const value = key === undefined ? undefined : env[key];
  if (key === undefined || value === undefined) return undefined;
  // People leave the scheme out, as curl allows.
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const isUsable = URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
  if (!isUsable) throw new Error(`${key} in the environment is no URL of an http proxy`);
  return url;
}
