/** Something was ended before its time, by Pulumi or by a time limit. People need no stack of calls to understand that. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}
