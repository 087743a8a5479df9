// Playwright's reporter for `npm test`: an item is one test in one browser, spelt as a line of Playwright's list of tests.
import { relative, sep } from "node:path";
import { firstLine, REPORT_FILE, write } from "./report.mjs";

const OUTCOMES = { expected: "passed", unexpected: "failed", flaky: "unsteady", skipped: "skipped" };

/** A test takes many steps a second. */
const STEP_INTERVAL = 1_000;

export default class {
  #file = process.env[REPORT_FILE];
  #root = "";
  /** When a step of a test was told of last, by the test. */
  #toldAt = new Map();

  #say(type, test, rest) {
    const [, project, , ...titles] = test.titlePath();
    const file = relative(this.#root, test.location.file).split(sep).join("/");
    write(this.#file, { type, item: [`[${project}]`, file, ...titles].join(" › "), ...rest });
  }

  onBegin({ rootDir }, suite) {
    this.#root = rootDir;
    write(this.#file, { type: "plan", tests: suite.allTests().length });
  }

  onTestBegin(test) {
    this.#say("begin", test);
  }

  /** A machine may lengthen a test by more than its own limit: waiting for room and taking down are none of it. */
  onStepEnd(test) {
    const now = performance.now();
    if (now - (this.#toldAt.get(test) ?? 0) < STEP_INTERVAL) return;
    this.#toldAt.set(test, now);
    this.#say("step", test);
  }

  onTestEnd(test, { status, retry, errors, duration: ms }) {
    if (status === "interrupted") return;
    const isTriedAgain = status !== test.expectedStatus && status !== "skipped" && retry < test.retries;
    if (isTriedAgain) return this.#say("pause", test);
    const outcome = OUTCOMES[test.outcome()];
    const error = outcome === "failed" ? firstLine(errors[0]?.message) : undefined;
    this.#say("result", test, { name: "", outcome, error, ms });
    this.#say("end", test);
  }

  onError({ message }) {
    write(this.#file, { type: "error", error: firstLine(message) });
  }

  onEnd() {
    write(this.#file, { type: "done" });
  }

  printsToStdio() {
    return false;
  }
}
