/** Questions that a VM asks a person. The VM waits until somebody answers. */
import type { VirtualMachineQuestionInfo } from "../../../schema/index.ts";
import { invalidArgument, VimFault } from "../../soap/fault.ts";

export interface Question {
  /** For example `msg.uuid.altered`. */
  readonly messageId: string;
  readonly text: string;
  /** The host's labels, with an underscore before the letter of the shortcut. */
  readonly choices: readonly string[];
  readonly defaultChoice: number;
}

/** A question without an answer yet. */
export interface PendingQuestion {
  readonly question: Question;
  readonly info: VirtualMachineQuestionInfo;
  readonly answer: (choice: number) => void;
  /** Ends the wait with this fault. */
  readonly giveUp: (fault: VimFault) => void;
}

/** The part of a VM that matters for questions. */
interface Asking {
  question: PendingQuestion | undefined;
  changed(...properties: string[]): void;
}

export const UUID_ALTERED: Question = {
  messageId: "msg.uuid.altered",
  text:
    "This virtual machine might have been moved or copied.\n" +
    "In order to configure certain management and networking features, VMware ESX needs to know if this virtual " +
    "machine was moved or copied.\n" +
    'If you don\'t know, answer "I _Copied It".',
  choices: ["Cancel", "I _Moved It", "I _Copied It"],
  defaultChoice: 2,
};

let asked = 0;

/** Asks, and waits. @returns the number of the choice */
export function ask(vm: Asking, question: Question): Promise<number> {
  const id = `_vmx${++asked}`;
  return new Promise<number>((resolve, reject) => {
    const done = (): void => {
      vm.question = undefined;
      vm.changed("runtime", "summary");
    };
    vm.question = {
      question,
      info: questionInfo(id, question),
      answer: (choice) => {
        done();
        resolve(choice);
      },
      giveUp: (fault) => {
        done();
        reject(fault);
      },
    };
    vm.changed("runtime", "summary");
  });
}

/** @throws VimFault InvalidState if there is no question, InvalidArgument for another question or an unknown choice */
export function answerQuestion(vm: Asking, questionId: string, choice: string): void {
  const pending = vm.question;
  if (pending === undefined)
    throw new VimFault("InvalidState", "The operation is not allowed in the current state.");
  if (pending.info.id !== questionId) throw invalidArgument("questionId");
  if (!pending.info.choice.choiceInfo.some((one) => "key" in one && one.key === choice))
    throw invalidArgument("answerChoice");
  pending.answer(Number(choice));
}

function questionInfo(
  id: string,
  { messageId, text, choices, defaultChoice }: Question,
): VirtualMachineQuestionInfo {
  return {
    id,
    text: `${messageId}:${text}`,
    choice: {
      choiceInfo: choices.map((label, index) => ({
        $type: "ElementDescription",
        label,
        summary: label,
        key: String(index),
      })),
      defaultIndex: defaultChoice,
    },
    message: [{ id: messageId, text }],
  };
}
