/** Leaves out what is only said: the arguments of `new …Error(…)`, whose wording no test should hold word for word. */
class Messages {
  shouldIgnore(path) {
    const inMessage = path.find(
      ({ parentPath, key, listKey }) =>
        listKey === "arguments" &&
        key === 0 &&
        parentPath?.isNewExpression() &&
        isError(parentPath.node.callee),
    );
    return inMessage === null ? undefined : "the wording of a message";
  }
}

function isError(callee) {
  return callee.type === "Identifier" && callee.name.endsWith("Error");
}

export const strykerPlugins = [{ kind: "Ignore", name: "messages", injectableClass: Messages }];
