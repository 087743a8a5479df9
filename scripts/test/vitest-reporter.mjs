// Vitest's reporter for `npm test`: an item is a file. Which test begins is written by vitest-setup.mjs, in the worker itself.
import { relative } from "node:path";
import { firstLine, REPORT_FILE, write } from "./report.mjs";

export default class {
  #file = process.env[REPORT_FILE];
  #root = process.cwd();

  #say(type, module, rest) {
    write(this.#file, { type, item: relative(this.#root, module.moduleId), ...rest });
  }

  onTestRunStart(specifications) {
    const files = specifications.map(({ moduleId }) => relative(this.#root, moduleId));
    write(this.#file, { type: "plan", files });
  }

  onTestModuleQueued(module) {
    this.#say("begin", module);
  }

  onTestCaseResult(test) {
    const { state: outcome, errors = [] } = test.result();
    const error = outcome === "failed" ? firstLine(errors[0]?.message) : undefined;
    this.#say("result", test.module, {
      name: test.fullName,
      outcome,
      error,
      ms: test.diagnostic()?.duration,
    });
  }

  /** Where a hook of a whole suite fails, its tests only count as skipped. */
  onTestSuiteResult(suite) {
    for (const { message } of suite.errors())
      this.#say("result", suite.module, {
        name: suite.fullName,
        outcome: "failed",
        error: firstLine(message),
      });
  }

  onTestModuleEnd(module) {
    const [error] = module.errors();
    this.#say("end", module, { error: error === undefined ? undefined : firstLine(error.message) });
  }

  onTestRunEnd(_modules, unhandledErrors) {
    for (const { message } of unhandledErrors)
      write(this.#file, { type: "error", error: firstLine(message) });
    write(this.#file, { type: "done" });
  }
}
