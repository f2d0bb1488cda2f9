/** The vSphere API of one ESXi host as typed calls: SOAP, sessions, properties, tasks, and whom TLS lets us talk to. */
export type { CallOptions, VimCaller } from "./caller.ts";
export { CertificateError } from "./certificate-error.ts";
export { VimClient, type VimClientOptions } from "./client.ts";
export { EncodeError } from "./codec/encode-error.ts";
export { create, isA, isReference, isSameObject } from "./codec/objects.ts";
export { isFault, TaskFault, VimFault } from "./faults.ts";
export { ObjectGoneError } from "./object-gone-error.ts";
export { retrieve, retrieveAll, retrieveMany, retrieveOne } from "./property-collector.ts";
export type { ManagedType, PropertyPath, PropertyValues, RetrievedObject } from "./property-path.ts";
export { ThumbprintError } from "./thumbprint.ts";
export { createHostAgent, type HostAgentOptions } from "./tls.ts";
export { TransportError } from "./transport-error.ts";
export type { TaskWaitOptions, WaitLoop } from "./wait-loop.ts";
