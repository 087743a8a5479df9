// Prints how `npm test` has ended: what failed, what was stopped, a table, and the plain last line. Only Node's own modules.

/**
 * @param results what `runStep` gives for each step, with a `note` for the table where there is one
 * @param options `notes`, lines of their own; `reason`, why steps were stopped
 * @returns the sums `passed`, `failed` and `skipped`
 */
export function printSummary(results, { notes, reason }) {
  const blocks = [
    failedIn(results),
    unsteadyIn(results),
    stoppedIn(results, reason),
    tableOf(results),
    notes,
  ];
  for (const lines of blocks) if (lines.length > 0) console.log(`\n${lines.join("\n")}`);
  const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((key) =>
    results.reduce((total, result) => total + result[key], 0),
  );
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return { passed, failed, skipped };
}

const headed = (head, lines) => (lines.length > 0 ? [head, ...lines.map((line) => `  ${line}`)] : []);

/** Once more and last, for the head of a long log may be cut off. */
function failedIn(results) {
  return headed(
    "Failed:",
    results.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`)),
  );
}

function unsteadyIn(results) {
  return headed(
    "Passed only when tried again:",
    results.flatMap(({ name, unsteady }) => unsteady.map((test) => `${name}: ${test}`)),
  );
}

/** How far each step came that was stopped, and what ran then. */
function stoppedIn(results, reason) {
  return headed(
    `Stopped (${reason}); what had not ended then has neither passed nor failed:`,
    results.flatMap(({ name, stopped }) => {
      if (stopped === undefined) return [];
      const { done, planned, unit, running } = stopped;
      const progress =
        planned === undefined ? "before its first test" : `after ${done} of ${planned} ${unit}`;
      return [`${name}: stopped ${progress}`, ...running.map((item) => `${name}: running then: ${item}`)];
    }),
  );
}

function tableOf(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  const rows = results.map(({ name, passed, failed, skipped, seconds, stopped, note }) => {
    const numbers = [passed, failed, skipped].map((count, i) => String(count).padStart(6 + (i === 2)));
    const time = seconds.toFixed(1).padStart(7);
    const remark = note ?? (stopped === undefined ? "" : "stopped");
    return `${name.padEnd(width)}  ${numbers.join("  ")}  ${time}  ${remark}`.trimEnd();
  });
  return [`${"step".padEnd(width)}  passed  failed  skipped  seconds`, ...rows];
}
