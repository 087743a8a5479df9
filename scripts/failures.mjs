// Reads the failed tests out of the reports of Vitest and Playwright. Only Node's own modules.
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/**
 * The failed tests of one report.
 * @param report Playwright's has `stats`, the others are shaped like Vitest's
 * @param root file names are given from here
 * @returns one line for each: where, what, and the first line of its error
 */
export function failuresIn(report, root) {
  return report.stats === undefined ? [...ofVitest(report, root)] : [...ofPlaywright(report)];
}

/** The tests of one report that failed at first and passed when tried again, one line each. */
export function unsteadyIn({ stats, suites = [] }) {
  return stats === undefined ? [] : suites.flatMap((suite) => [...ofSuite(suite, [], "flaky")]);
}

function* ofVitest({ testResults = [] }, root) {
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(root, name);
    const failed = assertionResults.filter((result) => result.status === "failed");
    for (const { fullName, failureMessages } of failed)
      yield `${file} > ${fullName}: ${firstLine(failureMessages[0])}`;
    if (failed.length === 0 && status === "failed") yield `${file}: ${firstLine(message)}`;
  }
}

function* ofPlaywright({ suites = [], errors = [] }) {
  for (const suite of suites) yield* ofSuite(suite, []);
  for (const { message } of errors) yield firstLine(message);
}

function* ofSuite({ suites = [], specs, title }, above, wanted = "unexpected") {
  const titles = [...above, title];
  for (const suite of suites) yield* ofSuite(suite, titles, wanted);
  for (const spec of specs)
    for (const test of spec.tests.filter(({ status }) => status === wanted))
      yield `[${test.projectName}] ${[...titles, spec.title].join(" > ")}: ${firstLine(errorOf(test))}`;
}

/** A test that passed although it was to fail has no error. */
function errorOf({ results }) {
  const failed = results.find(({ errors }) => errors.length > 0);
  return failed?.errors[0].message;
}

/** The first line, with what was expected and received where further lines say so. */
function firstLine(message = "") {
  const lines = stripVTControlCharacters(message)
    .split("\n")
    .map((line) => line.trim());
  const first = lines.findIndex((line) => line !== "");
  if (first < 0) return "no message";
  const values = lines.slice(first + 1).filter((line) => /^(?:Expected|Received)\b.*:/.test(line));
  return [lines[first], ...values.slice(0, 2)].join("; ");
}
