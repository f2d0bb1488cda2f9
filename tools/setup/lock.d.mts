/** Thrown when a lock stayed with a living process until the time-out. */
export class LockTimeoutError extends Error {}

export interface LockOptions {
  /** How long to wait for the lock, in milliseconds. Default: 20 minutes. */
  timeoutMs?: number;
  /** How often to look again, in milliseconds. Default: 200. */
  pollMs?: number;
  /** Called once when another process holds the lock, with its process id. */
  onWait?: (pid: number) => void;
}

/**
 * Runs `work` while no other process holds the lock `file`. The lock of a process that died, or that
 * gave no sign of life for a minute, is taken over.
 *
 * @throws LockTimeoutError when the lock is still held after the time-out; whatever `work` throws.
 */
export function withLock<T>(file: string, work: () => T | Promise<T>, options?: LockOptions): Promise<T>;
