/** What a test session has under way, so that a test can wait until nothing is. */

export interface UnfinishedWork {
  /** Counts as under way until it is done. */
  track<Result>(work: Promise<Result>): Promise<Result>;
  /** Resolves when nothing is under way: neither tracked work, the browser's signatures among it, nor what follows from it. */
  settle(): Promise<void>;
}

export function createUnfinishedWork(): UnfinishedWork {
  const unfinished = new Set<Promise<unknown>>();
  return {
    track(work) {
      unfinished.add(work);
      const done = () => unfinished.delete(work);
      work.then(done, done);
      return work;
    },
    async settle() {
      await nextTask();
      while (unfinished.size > 0) {
        await Promise.allSettled(unfinished);
        await nextTask();
      }
    },
  };
}

/** Whether this environment has what `settle` waits by. */
export const hasMessageTasks = (): boolean => typeof MessageChannel === "function";

/** A message task comes after every promise that can go on by itself. Test runners fake timers, but not messages. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
