/** What the command line needs of its process; the only file of this room that names it. */

export interface CommandProcess {
  /** What was typed after the command's name. */
  readonly args: readonly string[];
  /** Where it was started. */
  readonly folder: string;
  /** Whether a person is there to be asked. */
  readonly isTerminal: boolean;
  variable(name: string): string | undefined;
  /** Prints to standard output. */
  print(text: string): void;
  /** Prints to standard error. */
  complain(text: string): void;
  /** Calls back once, at the first SIGTERM or SIGINT; a second one ends the process at once. */
  onStop(listener: (signal: string) => void): void;
  exit(code: number): void;
}

const STOPPING = ["SIGTERM", "SIGINT"] as const;

export const thisProcess: CommandProcess = {
  args: process.argv.slice(2),
  folder: process.cwd(),
  isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
  variable: (name) => process.env[name],
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
  onStop(listener) {
    for (const signal of STOPPING)
      process.once(signal, () => {
        for (const other of STOPPING) process.removeAllListeners(other);
        listener(signal);
      });
  },
  exit: (code) => process.exit(code),
};

/** Runs `work` under a umask: what it makes lacks those rights from its first moment on. */
export function withUmask<T>(mask: number, work: () => T): T {
  const before = process.umask(mask);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}
