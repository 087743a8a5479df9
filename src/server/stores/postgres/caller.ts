/** Runs the statements: in time or not at all, with the node's time sent along, and what each answer says of the time taken in. */
import { type Clock, type StepListener, systemClock, within } from "../../platform/clock.js";
import { codeOf, StoreUnavailableError } from "../../platform/errors.js";
import { followedClock } from "../followed-clock.js";
import type { PostgresConnection, PostgresDriver, PostgresRow } from "./driver.js";
import { STATEMENT_TIMEOUT } from "./statements.js";

/** What a statement answered: the time that it went by, and the rest. */
export interface PostgresAnswer {
  readonly now: number;
  /** Each with its own time, and without what the statement says of the clock. */
  readonly rows: readonly { readonly now: number; readonly columns: PostgresRow }[];
}

export type PostgresValue = string | number | boolean | null;

export interface PostgresCaller {
  /** One of `postgresStatements`. */
  run(statement: string, ...values: readonly PostgresValue[]): Promise<PostgresAnswer>;
  /** Any text of SQL, which may take long; the rows of its last statement. */
  ask(text: string): Promise<readonly PostgresRow[]>;
}

interface PostgresCallerOptions {
  /** In tests: replaces the clock of PostgreSQL. */
  readonly clock: Clock | undefined;
  readonly onStep: StepListener;
}

/** How long a connection whose answer is late may go on, before it is taken for one that leads nowhere. */
const SILENCE_TIMEOUT = 3_000;
/** For what is asked at start. */
const START_TIMEOUT = 30_000;
/** How often a statement is run that PostgreSQL asks to run again (`serialization_failure`, `deadlock_detected`). */
const MOST_TRIES = 5;

export function postgresCaller(
  driver: PostgresDriver,
  { clock, onStep }: PostgresCallerOptions,
): PostgresCaller {
  const { monotonic } = clock ?? systemClock;
  const time = followedClock(monotonic, onStep);

  async function runOn(connection: PostgresConnection, text: string, own: readonly PostgresValue[]) {
    const sentAt = monotonic();
    const values = [time.floor(), clock === undefined ? null : clock.now(), ...own];
    const answered = await connection.rows(text, values);
    const rows = answered.map(([reading, now, isReadOnly, ...columns]) => {
      if (isReadOnly !== "f") throw readOnlyError();
      time.observe(Number(reading), Number(now), sentAt);
      return { now: Number(now), columns };
    });
    return { now: Math.max(...rows.map(({ now }) => now)), rows };
  }

  return {
    run: (statement, ...values) =>
      inTime(driver, {
        timeout: STATEMENT_TIMEOUT,
        silence: SILENCE_TIMEOUT,
        leavesConnection: isOfTheStatement,
        work: (connection) => again(() => runOn(connection, statement, values)),
      }),
    ask: (text) =>
      inTime(driver, {
        timeout: START_TIMEOUT,
        silence: START_TIMEOUT,
        // It may have begun a transaction.
        leavesConnection: () => false,
        work: (connection) => connection.rows(text),
      }),
  };
}

class LateAnswerError extends Error {}

interface TimedWork<T> {
  readonly timeout: number;
  /** When a connection whose answer is late is taken for one that leads nowhere. */
  readonly silence: number;
  /** Whether the connection is as good as before, after this error. */
  leavesConnection(error: unknown): boolean;
  work(connection: PostgresConnection): Promise<T>;
}

/** A connection that is not there in time is given back unused. */
async function inTime<T>(driver: PostgresDriver, timed: TimedWork<T>): Promise<T> {
  const { timeout, silence, work } = timed;
  const late = () => new LateAnswerError(`PostgreSQL did not answer within ${timeout} ms`);
  let isLate = false;
  const whole = async () => {
    const connection = await driver.connect();
    if (!isLate)
      return onConnection(connection, { ...timed, work: () => within(silence, work(connection), late) });
    connection.release(true);
    throw late();
  };
  try {
    return await within(timeout, whole(), late);
  } catch (error) {
    isLate = true;
    throw explained(error);
  }
}

async function onConnection<T>(
  connection: PostgresConnection,
  { work, leavesConnection }: TimedWork<T>,
): Promise<T> {
  let isGood = false;
  try {
    const result = await work(connection);
    isGood = true;
    return result;
  } catch (error) {
    isGood = leavesConnection(error);
    throw error;
  } finally {
    connection.release(isGood);
  }
}

/** What was asked was refused, and nothing else is wrong (SQLSTATE, by its class). */
function isOfTheStatement(error: unknown): boolean {
  return /^(?:22|23|40|42|53|54|55|57014)/.test(codeOf(error));
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (!/^40(?:001|P01)$/.test(codeOf(error)) || tries === MOST_TRIES) throw error;
    }
}

/** Whether a statement found no tables, or no schema with them. */
export function lacksTables(error: unknown): boolean {
  return /^(?:42P01|3F000)$/.test(codeOf(error));
}

/** SQLSTATEs that say too little, with what to do. */
function explained(error: unknown): unknown {
  if (codeOf(error) === "25006") return readOnlyError(error);
  if (lacksTables(error))
    return new StoreUnavailableError(
      "the tables of the store are gone from PostgreSQL; run `curfew store sql` and give what it prints to psql",
      { cause: error },
    );
  return error;
}

function readOnlyError(cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError(
    "PostgreSQL takes no writes here: it is a standby by now, or was set to read only; the address must lead to the primary",
    { cause },
  );
}
