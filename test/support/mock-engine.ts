import * as pulumi from "@pulumi/pulumi";

type Resource = pulumi.runtime.MockResourceArgs;
type Made = ReturnType<pulumi.runtime.Mocks["newResource"]>;

/**
 * Has programs of a test run without Pulumi's engine, in the stack `dev` of the project `lab`.
 * @param made Sees each resource that the program makes, and says what becomes of it. Default: it is what was asked for.
 */
export async function mockEngine(
  // biome-ignore lint/suspicious/noConfusingVoidType: most only look, and return nothing.
  made: (resource: Resource) => Made | void,
  { preview = false } = {},
): Promise<void> {
  const newResource = (resource: Resource): Made =>
    made(resource) ?? { id: `${resource.name}-id`, state: resource.inputs };
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "lab", "dev", preview);
}
