/** The name of this package, by which Node.js finds it from a program's folder. */
export const PACKAGE = "pulumi-esxi-direct";

/**
 * The text that Pulumi keeps in state as a resource's `__provider` and runs in its dynamic-provider process.
 *
 * It is a constant, in plain JavaScript, that loads the installed package when it is called, so a new release of this
 * package serves resources that an older one made, and no code ends up in state. The configuration is stored without
 * an `await` in between, because Pulumi may start a create before an asynchronous `configure` has ended.
 *
 * Never change this text: every resource in every user's state would show a difference.
 */
export function providerText(kind: string): string {
  return (
    "let c;" +
    `const r=async(m,a)=>(await import("${PACKAGE}/runtime")).dispatch(` +
    JSON.stringify(kind) +
    ",m,c,a);" +
    "exports.handler=()=>({configure:async q=>{c=q.config}," +
    ["check", "diff", "create", "read", "update", "delete"]
      .map((method) => `${method}:(...a)=>r(${JSON.stringify(method)},a)`)
      .join(",") +
    "});"
  );
}
