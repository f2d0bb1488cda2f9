import { join } from "node:path";
import { XmlError } from "../../../provider/vim/codec/xml-reader.ts";
import { decodeAnswer } from "../../../provider/vim/soap/soap-envelope.ts";
import { findMethod, type Method } from "../../../schema/index.ts";
import { startSimulator } from "../../../simulator/index.ts";
import { RawClient } from "../../simulator/host/raw-client.ts";
import { recordedRequests } from "../../simulator/recorded/recorded.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { FuzzPart } from "../fuzz-part.ts";
import { mutateText } from "../mutate.ts";

interface RecordedAnswer {
  readonly method: Method;
  readonly text: string;
}

/** A wait for updates may take for ever, and without a session there are no more answers. */
const LEFT_OUT = /^(WaitForUpdates|Logout|DestroyPropertyCollector|TerminateSession)/;
const PASSWORD = "***";

let answers: readonly RecordedAnswer[] = [];

/** What a simulated host answers to the requests that govc and pyVmomi really sent; many of them are faults. */
async function record(): Promise<readonly RecordedAnswer[]> {
  const folder = await temporaryFolder();
  const simulator = await startSimulator({ stateDir: join(folder.path, "host"), password: PASSWORD });
  const client = new RawClient(simulator);
  try {
    await client.login("root", PASSWORD);
    const found = new Map<string, RecordedAnswer>();
    for (const request of [...recordedRequests("govc"), ...recordedRequests("pyvmomi")]) {
      const method = findMethod(request.method);
      if (method === undefined || LEFT_OUT.test(request.method)) continue;
      const { text } = await client.sendText(request.text);
      found.set(text, { method, text });
    }
    return [...found.values()];
  } finally {
    await client.close();
    await simulator.stop();
    await folder.remove();
  }
}

/** A host's answers, as far as they are decoded. */
export const soapAnswers: FuzzPart = {
  name: "soap-answers",
  draws: 300,
  async open() {
    answers = await record();
    return async () => undefined;
  },
  async tryOne(chance) {
    const { method, text } = chance.pick(answers);
    decodeAnswer(method, mutateText(text, chance));
  },
  isExpected: (error) => error instanceof XmlError,
};
