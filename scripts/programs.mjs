// Finds the programs that a group of tests starts, or installs them where that is possible, or says how to get them.
import { spawnSync } from "node:child_process";
import { canUseApt, installByApt } from "./apt.mjs";

/** What a program says of itself, or undefined where it cannot be started. Some speak on standard error. */
export function saidBy(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
  return status === 0 ? `${stdout}${stderr}` : undefined;
}

/**
 * @param tests who needs them: "the tests of the sidecar"
 * @param programs each with its `name`, the Debian packages to `install`, `why` it is needed, and `find()`, which gives
 * the version or undefined
 * @returns whether all of them are there
 */
export function findOrInstall(tests, programs) {
  const missing = () => programs.filter(({ find }) => find() === undefined);
  const absent = missing();
  for (const { name } of absent) console.error(`No ${name} that can be used was found.`);
  if (absent.length > 0 && canUseApt()) installByApt(absent.flatMap(({ install }) => install));
  const still = missing();
  for (const { name, install, why } of still)
    console.error(
      `The tests of ${tests} need ${why}. As root: apt-get install -y ${install.join(" ")}; or put a ${name} that you have into the PATH.`,
    );
  for (const program of programs)
    if (!still.includes(program)) console.log(`${program.name} ${program.find()}`);
  return still.length === 0;
}
