import type { VimClient } from "../vim/client.ts";
import type { HostFacts } from "./host-facts.ts";

/** The part of a host that its own parts use. `EsxiHost` is made of them, so they know nothing of the whole. */
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
