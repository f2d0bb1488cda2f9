/** How a project reaches its host. */
export interface HostAccess {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly thumbprint: string;
}
