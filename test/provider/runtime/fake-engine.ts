import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
// Generated CommonJS, whose names Node cannot see from outside: hence the default imports.
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages, { type LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import emptyMessages, { type Empty } from "google-protobuf/google/protobuf/empty_pb.js";

/** What a provider said about a resource. */
interface Line {
  readonly kind: "status" | "info" | "warning";
  readonly urn: string;
  readonly text: string;
}

/** The part of Pulumi's engine that a provider talks to. */
export interface FakeEngine {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  readonly lines: readonly Line[];
  /** The texts of one kind, in order. */
  texts(kind: Line["kind"]): string[];
  stop(): void;
}

export async function startEngine(): Promise<FakeEngine> {
  const lines: Line[] = [];
  const server = new Server();
  server.addService(engineService.EngineService, {
    log({ request }: ServerUnaryCall<LogRequest, Empty>, answer: sendUnaryData<Empty>) {
      lines.push({ kind: kindOf(request), urn: request.getUrn(), text: request.getMessage() });
      answer(null, new emptyMessages.Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    lines,
    texts: (kind) => lines.filter((line) => line.kind === kind).map(({ text }) => text),
    stop: () => server.forceShutdown(),
  };
}

function kindOf(request: LogRequest): Line["kind"] {
  const isWarning = request.getSeverity() === engineMessages.LogSeverity.WARNING;
  if (request.getEphemeral()) return "status";
  return isWarning ? "warning" : "info";
}
