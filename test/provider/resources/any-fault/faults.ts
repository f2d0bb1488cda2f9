/** What can go wrong at one request, and how the simulated host is made to do it. */
import type { FaultRule } from "../../../../simulator/index.ts";

/** What a fault does to the run that makes the request, or to its host. */
interface Hand {
  /** ^C. */
  abort(): void;
  /** `kill -9`: nothing of the run reaches the host any more. */
  kill(): void;
  /** Somebody else takes all space on the datastores. */
  fill(): void;
  /** Ends when somebody waits for tasks, and with the run. */
  untilWaitedFor(): Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** Whether it can happen to that request. */
  fits(request: string): boolean;
  rule(hand: Hand): Pick<FaultRule, "action" | "onWork" | "onTask">;
}

/** Calls that change nothing on the host. */
const READING_CALL =
  /^(Retrieve|Continue|WaitFor|Create(Filter|PropertyCollector|ListView|ContainerView|ImportSpec)|Modify|DestroyView|Cancel|Login|Logout|CurrentTime|Search|Find|Query|ssh\.connect)/;
/** Commands that change nothing on the host. */
const READING_COMMAND =
  /^ssh\.exec ('test'|'ls'|'find'|'head'|'cat'(?! >)|'vim-cmd' 'vmsvc\/(getallvms|get\.|power\.getstate|message|snapshot\.get))/;

export const isReading = (request: string): boolean =>
  READING_CALL.test(request) || READING_COMMAND.test(request);

const isCommand = (request: string) => request.startsWith("ssh.exec");
const isCall = (request: string) => /^[A-Z]/.test(request);
const isTransfer = (request: string) => request === "nfc" || request === "folder";
const isHttp = (request: string) => isCall(request) || isTransfer(request);

export const FAULTS: readonly Fault[] = [
  {
    name: "a fault",
    fits: isCall,
    rule: () => ({
      action: { fault: "SystemError", message: "a fault of the test", properties: { reason: "a test" } },
    }),
  },
  {
    name: "a failed task",
    fits: (request) => request.endsWith("_Task") || request === "ImportVApp",
    rule: () => ({ action: { taskFault: "SystemError", message: "a fault of the test" } }),
  },
  {
    name: "a failed command",
    // That status is an answer of some, and no fault; and what cannot get a mark is made all the same.
    fits: (request) =>
      isCommand(request) && !/^ssh\.exec ('(test|rmdir)'|'cat' > .*\.pulumi-esxi-direct-)/.test(request),
    rule: () => ({ action: { status: 1, stderr: "a fault of the test\n" } }),
  },
  {
    name: "a login refused under load",
    fits: (request) => /^ssh\.exec 'vim-cmd'/.test(request),
    rule: () => ({ action: { status: 1, stderr: "Failed to login: Connection reset by peer\n" } }),
  },
  {
    name: "a full datastore",
    fits: (request) => !isReading(request),
    rule: ({ fill }) => ({
      action: "continue",
      onWork: (moment) => (moment === "before" ? fill() : undefined),
    }),
  },
  { name: "a cut connection", fits: () => true, rule: () => ({ action: "disconnect" }) },
  {
    name: "a lost answer",
    fits: (request) => request !== "ssh.connect",
    rule: () => ({ action: "loseReply" }),
  },
  {
    name: "a lost answer of a task that takes its time",
    fits: (request) =>
      request.endsWith("_Task") ||
      /^ssh\.exec 'vim-cmd' '(vmsvc\/(power\.o|snapshot\.[cr]|destroy)|solo)/.test(request),
    rule: ({ untilWaitedFor }) => ({ action: "loseReply", onTask: untilWaitedFor }),
  },
  { name: "a busy host", fits: isHttp, rule: () => ({ action: { status: 503 } }) },
  { name: "an ended session", fits: isHttp, rule: () => ({ action: "expireSession" }) },
  {
    name: "^C before it is done",
    fits: () => true,
    rule: ({ abort }) => ({
      action: "continue",
      onWork: (moment) => (moment === "before" ? abort() : undefined),
    }),
  },
  {
    name: "^C after it is done",
    fits: (request) => !isReading(request),
    rule: ({ abort }) => ({
      action: "continue",
      onWork: (moment) => (moment === "after" ? abort() : undefined),
    }),
  },
  {
    name: "a kill before it is done",
    fits: (request) => !isReading(request),
    rule: ({ kill }) => ({ action: "disconnect", onWork: kill }),
  },
  {
    name: "a kill after it is done",
    fits: (request) => !isReading(request),
    rule: ({ kill }) => ({
      action: "loseReply",
      onWork: (moment) => (moment === "after" ? kill() : undefined),
    }),
  },
];
