import type { VimClient } from "../vim/client.ts";
import type { HostFacts } from "./host-facts.ts";

/** What of a host its own parts use, those that `EsxiHost` is made of: they know nothing of the whole. */
export interface HostCore {
  /** What people call it. */
  readonly name: string;
  readonly client: VimClient;
  /** Ids of the tasks that this process waits for now. */
  readonly ownTasks: ReadonlySet<string>;
  /** Virtual machines as they were last read. */
  readonly vms: { forget(): void };
  facts(): Promise<HostFacts>;
}
