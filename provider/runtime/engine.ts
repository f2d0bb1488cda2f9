import { connectivityState, credentials } from "@grpc/grpc-js";
// Generated CommonJS, whose names Node cannot see from outside: hence the default import.
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";

let client: engineService.EngineClient | undefined;

/**
 * Pulumi's engine, whose address is the dynamic-provider process's first argument; undefined where there is none, as in
 * unit tests. It is on this machine, so no proxy is asked.
 */
export function engine(): engineService.EngineClient | undefined {
  const address = process.argv[2];
  if (address === undefined || !/^[\w.[\]:-]+:\d+$/.test(address)) return undefined;
  client ??= new engineService.EngineClient(address, credentials.createInsecure(), {
    "grpc.enable_http_proxy": 0,
  });
  return client;
}

/** Closes the connection to the engine. */
export function closeEngine(): void {
  client?.close();
  client = undefined;
}

/**
 * Tells when the engine has ended without a word, as after a `kill -9`: it was there, and now nothing listens at its
 * address. Nobody else tells the provider's process, which would go on for ever.
 */
export function whenEngineIsGone(tell: () => void): void {
  const channel = engine()?.getChannel();
  let wasThere = false;
  const look = (): void => {
    // Connects again where a connection has ended by itself.
    const state = channel?.getConnectivityState(true) ?? connectivityState.SHUTDOWN;
    if (state === connectivityState.SHUTDOWN) return;
    wasThere ||= state === connectivityState.READY;
    if (wasThere && state === connectivityState.TRANSIENT_FAILURE) {
      tell();
      return;
    }
    channel?.watchConnectivityState(state, Number.POSITIVE_INFINITY, (error) => {
      if (error === undefined) look();
    });
  };
  look();
}
