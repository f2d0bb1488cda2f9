import { vi } from "vitest";

/**
 * Ends the half minute for which a host may take to show the content of a .vmx file before it begins: what the first look
 * does not show is an error then. For each test anew, because tests restore what they have mocked.
 */
export function withoutPatience(): void {
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) =>
    ms === 30_000 ? AbortSignal.abort() : Reflect.apply(timeout, AbortSignal, [ms]),
  );
}
