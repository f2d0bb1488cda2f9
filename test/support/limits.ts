import { vi } from "vitest";

/** Sees the time limits that are set in this process, and lets one be over at once. */
export class Limits {
  readonly #timer = setTimeout;
  readonly #spy = vi.spyOn(globalThis, "setTimeout");

  /** Milliseconds of each timer since the last call. */
  taken(): unknown[] {
    const taken = this.#spy.mock.calls.map(([, milliseconds]) => milliseconds);
    this.#spy.mockClear();
    return taken;
  }

  /** The next timer is over as soon as what has set it goes on. */
  overAtOnce(): void {
    this.#spy.mockImplementationOnce((callback: () => void) => {
      queueMicrotask(callback);
      return this.#timer(() => {}, 0);
    });
  }

  restore(): void {
    this.#spy.mockRestore();
  }
}
