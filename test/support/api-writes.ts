import type { Simulator } from "../../simulator/index.ts";

/** Methods that change something on a host, and no read, session or view of this package's. */
const WRITES =
  /^(?!ssh\.|Retrieve|Continue|WaitFor|Create(ImportSpec|Filter|PropertyCollector|ListView|ContainerView)|Modify|Destroy(View|Property)|Cancel(Wait|Retrieve)|Login|Logout|CurrentTime|Search|Find)/;

/** Answers to a GET of `/folder`: the file, and that there is none. What is put there is answered in other ways. */
const OF_READS: readonly (number | undefined)[] = [200, 206, 404];

/** What of the simulator's request log was to change something through its API. */
export const apiWrites = ({ requests }: Pick<Simulator, "requests">): string[] =>
  requests
    .entries()
    .flatMap(({ method, status }) =>
      WRITES.test(method) && !(method === "folder" && OF_READS.includes(status)) ? [method] : [],
    );
