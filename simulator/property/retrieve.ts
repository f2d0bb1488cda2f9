/** RetrievePropertiesEx and similar methods: the present values of the selected properties, in pages. */
import type {
  ManagedObjectReference,
  MissingProperty,
  ObjectContent,
  PropertyFilterSpec,
  RetrieveResult,
} from "../../schema/index.ts";
import type { ManagedObject } from "../core/objects.ts";
import { notAuthenticated, VimFault } from "../soap/fault.ts";
import { readPath } from "./property-path.ts";
import { type Scope, select } from "./select.ts";

/**
 * @param authenticated if false, every property is missing with NotAuthenticated. Hostd answers so after a session
 * ended
 */
export function retrieve(
  specSet: readonly PropertyFilterSpec[],
  scope: Scope,
  authenticated: boolean,
): ObjectContent[] {
  const contents: ObjectContent[] = [];
  for (const spec of specSet) {
    if (!authenticated) {
      contents.push(...withoutSession(spec));
      continue;
    }
    for (const { object, paths } of select(spec, scope).objects.values()) {
      contents.push(content(object, paths, scope));
    }
  }
  return contents;
}

function content(object: ManagedObject, paths: readonly string[], scope: Scope): ObjectContent {
  const propSet = paths.flatMap((name) => {
    const val = readPath(object, name, scope);
    return val === undefined ? [] : [{ name, val }];
  });
  return { obj: object.ref, propSet };
}

function withoutSession(spec: PropertyFilterSpec): ObjectContent[] {
  return spec.objectSet.map(({ obj }) => ({
    obj,
    missingSet: spec.propSet.flatMap((one) => (one.pathSet ?? []).map((path) => missing(path, obj))),
  }));
}

function missing(path: string, obj: ManagedObjectReference): MissingProperty {
  return { path, fault: notAuthenticated(obj).localized() };
}

/** Results that did not fit into one reply, by token. */
export class Pages {
  readonly #rest = new Map<string, readonly ObjectContent[]>();
  #next = 0;

  first(contents: readonly ObjectContent[], maxObjects: number | undefined): RetrieveResult | undefined {
    if (maxObjects !== undefined && maxObjects <= 0) {
      throw new VimFault("InvalidArgument", "A specified parameter was not correct: options.maxObjects", {
        invalidProperty: "options.maxObjects",
      });
    }
    return contents.length === 0 ? undefined : this.#page(contents, maxObjects ?? contents.length);
  }

  continue(token: string): RetrieveResult {
    const rest = this.#take(token);
    return this.#page(rest, Number(token.slice(token.indexOf(":") + 1)));
  }

  cancel(token: string): void {
    this.#take(token);
  }

  #take(token: string): readonly ObjectContent[] {
    const rest = this.#rest.get(token);
    if (rest === undefined) {
      throw new VimFault("InvalidArgument", "A specified parameter was not correct: token", {
        invalidProperty: "token",
      });
    }
    this.#rest.delete(token);
    return rest;
  }

  #page(contents: readonly ObjectContent[], size: number): RetrieveResult {
    if (contents.length <= size) return { objects: contents };
    const token = `${this.#next++}:${size}`;
    this.#rest.set(token, contents.slice(size));
    return { token, objects: contents.slice(0, size) };
  }
}
