/** The types of what tests take from processes.mjs. */
export declare function isAnyAlive(pids: ReadonlySet<number>): boolean;
