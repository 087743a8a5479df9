/** Asks a person to choose one of several; the only file that knows the library of prompts, which is loaded when it is needed. */
import type { Readable, Writable } from "node:stream";

interface Choice<Name extends string> {
  readonly value: Name;
  readonly label: string;
}

interface Asked<Name extends string> {
  readonly message: string;
  readonly choices: readonly Choice<Name>[];
  /** What is chosen where the person only presses Enter. */
  readonly first: Name | null;
}

/** Default: the terminal. */
interface Terminal {
  readonly input?: Readable;
  readonly output?: Writable;
}

/** What the person chose; null where they gave up. */
export async function askChoice<Name extends string>(
  { message, choices, first }: Asked<Name>,
  terminal: Terminal = {},
): Promise<Name | null> {
  const { isCancel, select } = await import("@clack/prompts");
  const chosen = await select<string>({
    message,
    options: choices.map(({ value, label }) => ({ value, label })),
    ...(first === null ? {} : { initialValue: first }),
    ...terminal,
  });
  return isCancel(chosen) ? null : (choices.find(({ value }) => value === chosen)?.value ?? null);
}
