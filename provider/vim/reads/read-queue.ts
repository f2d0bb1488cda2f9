import DataLoader from "dataloader";
import type {
  ManagedObjectReference,
  ObjectContent,
  ObjectSpec,
  PropertyFilterSpec,
  PropertySpec,
} from "../../../schema/index.ts";
import { isSubtype } from "../../../schema/index.ts";
import { create, isReference, isSameObject } from "../codec/objects.ts";
import { goneObject, isFault } from "../faults.ts";
import type { VimCaller } from "../soap/caller.ts";
import { MOST_OBJECTS } from "../tuning.ts";
import { retrieve } from "./retrieve.ts";

export interface Question {
  /** One object, or where a walk through the inventory begins. */
  readonly about: ManagedObjectReference | ObjectSpec;
  readonly properties: PropertySpec;
}

/** Nothing where the host does not have the object. */
type Answer = readonly ObjectContent[];

/** Questions that one filter can ask: of the same properties of objects of one type. */
type Alike = readonly Question[];

const queues = new WeakMap<VimCaller, DataLoader<Question, Answer>>();

/**
 * Reads objects. There is one queue for each host. What is asked in one turn of the event loop goes to the host in one
 * call, whoever asks.
 */
export function ask(caller: VimCaller, question: Question): Promise<Answer> {
  const queue =
    queues.get(caller) ??
    new DataLoader<Question, Answer>((questions) => answerAll(caller, questions), {
      cache: false,
      batchScheduleFn: (send) => setImmediate(send),
    });
  queues.set(caller, queue);
  return queue.load(question);
}

async function answerAll(caller: VimCaller, questions: readonly Question[]): Promise<(Answer | Error)[]> {
  const answers = new Map<Question, Answer | Error>();
  const tell = (question: Question, answer: Answer | Error) => void answers.set(question, answer);
  await Promise.all(callsFor(questions).map((call) => answer(caller, call, tell)));
  return questions.map((question) => answers.get(question) ?? []);
}

/**
 * An answer does not say which filter has found an object. So the types of a call's filters have no objects in common.
 */
function callsFor(questions: readonly Question[]): (readonly Alike[])[] {
  const together: Alike[] = [];
  const apart: Alike[] = [];
  for (const alike of alikes(questions)) {
    const isLike = (other: Alike) => haveCommonObjects(typeOf(alike), typeOf(other));
    (together.some(isLike) ? apart : together).push(alike);
  }
  return [together, ...apart.map((alike) => [alike])];
}

function alikes(questions: readonly Question[]): readonly Alike[] {
  const ofKind = new Map<string, Question[]>();
  for (const question of questions) {
    const { type, pathSet = [] } = question.properties;
    const kind = [isReference(question.about), type, ...pathSet].join(" ");
    const alike = ofKind.get(kind);
    if (alike) alike.push(question);
    else ofKind.set(kind, [question]);
  }
  return [...ofKind.values()].flatMap((alike) => inParts(alike, MOST_OBJECTS));
}

function inParts<T>(all: readonly T[], most: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, part) =>
    all.slice(part * most, (part + 1) * most),
  );
}

async function answer(
  caller: VimCaller,
  call: readonly Alike[],
  tell: (question: Question, answer: Answer | Error) => void,
): Promise<void> {
  const questions = call.flat();
  if (questions.length === 0) return;
  try {
    const answerTo = answersIn(await retrieve(caller, call.map(filterFor)));
    for (const question of questions) tell(question, answerTo(question));
  } catch (error) {
    // One object that is gone, or one filter that the host refuses, fails the whole call. The others must not fail with it.
    const others = withoutGone(call, goneObject(error));
    if (others) await answer(caller, others, tell);
    else if (call.length > 1 && isOfOneFilter(error)) {
      await Promise.all(call.map((alike) => answer(caller, [alike], tell)));
    } else {
      const problem = error instanceof Error ? error : new Error(String(error));
      for (const question of questions) tell(question, problem);
    }
  }
}

/** Faults of one object or one property. After any other fault, such as a refused login, the same calls would fail again. */
const OF_ONE_FILTER = ["ManagedObjectNotFound", "InvalidProperty", "InvalidType", "NoPermission"] as const;

const isOfOneFilter = (error: unknown) => OF_ONE_FILTER.some((type) => isFault(error, type));

const typeOf = (alike: Alike) => alike[0]?.properties.type ?? "";

const haveCommonObjects = (one: string, other: string) => isSubtype(one, other) || isSubtype(other, one);

function filterFor(alike: Alike): PropertyFilterSpec {
  const abouts = new Map(alike.map(({ about }) => [isReference(about) ? about.value : undefined, about]));
  const objectSet = [...abouts.values()].map((about) =>
    isReference(about) ? create("ObjectSpec", { obj: about, skip: false }) : about,
  );
  return { propSet: alike.slice(0, 1).map(({ properties }) => properties), objectSet };
}

function answersIn(found: Answer): (question: Question) => Answer {
  const byId = new Map(found.map((object) => [object.obj.value, object]));
  return ({ about, properties }) => {
    if (!isReference(about)) return found.filter(({ obj }) => isSubtype(obj.type, properties.type));
    const object = byId.get(about.value);
    return object ? [object] : [];
  };
}

/** The questions about other objects. Undefined if none is about that one. */
function withoutGone(
  call: readonly Alike[],
  gone: ManagedObjectReference | undefined,
): readonly Alike[] | undefined {
  if (gone === undefined) return undefined;
  const isOther = ({ about }: Question) => !isReference(about) || !isSameObject(about, gone);
  const others = call.map((alike) => alike.filter(isOther)).filter((alike) => alike.length > 0);
  return others.flat().length < call.flat().length ? others : undefined;
}
