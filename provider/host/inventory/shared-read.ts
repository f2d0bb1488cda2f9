/**
 * A read of a host that serves all who ask for it at the same time. Whoever asks while one is under way shares the
 * next one, so an answer is never older than its question.
 */
export function sharedRead<H extends object, T>(read: (host: H) => Promise<T>): (host: H) => Promise<T> {
  const running = new WeakMap<H, Promise<unknown>>();
  const next = new WeakMap<H, Promise<T>>();
  return (host) => {
    const planned =
      next.get(host) ??
      (running.get(host) ?? Promise.resolve()).then(() => {
        next.delete(host);
        const begun = read(host);
        running.set(
          host,
          begun.catch(() => {}),
        );
        return begun;
      });
    next.set(host, planned);
    return planned;
  };
}
