/** A command of `curfew` in the tests' own process. */
import { runCommand } from "../../../src/cli/program.js";

/** In the place of the end of the process. */
class Exited extends Error {}

/** @returns the exit code, and what was told on both outputs */
export async function runInProcess(
  folder: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  let [code, text] = [null as number | null, ""];
  const tell = (told: string) => {
    text += told;
  };
  await runCommand({
    args,
    folder,
    isTerminal: false,
    variable: () => undefined,
    print: tell,
    complain: tell,
    onStop: () => {},
    exit(given) {
      code = given;
      throw new Exited();
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Exited)) throw error;
  });
  return { code, text: text.trimEnd() };
}
