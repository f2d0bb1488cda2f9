import { connectivityState, credentials } from "@grpc/grpc-js";
// Generated CommonJS, whose names Node cannot see from outside: hence the default import.
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";

let client: engineService.EngineClient | undefined;

/**
 * Pulumi's engine. Its address is the first argument of the dynamic-provider process. Undefined if there is none, as in
 * unit tests. It is on this machine, so no proxy is used.
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
 * Notices that the engine has ended without telling, as after a `kill -9`: nothing listens at its address any more.
 * Nobody else tells the provider's process, and it would run forever.
 */
export function whenEngineIsGone(tell: () => void): void {
  const channel = engine()?.getChannel();
  let wasThere = false;
  const look = (): void => {
    // Connects again if a connection has ended by itself.
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
