import { describe, expect, test } from "vitest";
import {
  endingOf,
  lastEndedAt,
  newSubject,
  type SubjectEnding,
  type SubjectRecord,
  withEnding,
} from "../../src/server/record/subject.js";

const NOBODY = newSubject({ app: "curfew", subject: "ann" });

/** The subject after these endings, one after the other. */
function subjectAfter(...endings: readonly Omit<SubjectEnding, "epoch">[]): SubjectRecord {
  return endings.reduce(withEnding, NOBODY);
}

const revoked = (endedAt: number, sparedSid?: string) =>
  ({ reason: "revoked", endedAt, ...(sparedSid === undefined ? {} : { sparedSid }) }) as const;
const began = (startedAt: number, epoch?: number, sid = "a") => [{ sid, startedAt }, epoch] as const;

describe("the moment at which a subject's sessions were ended", () => {
  test("ends what began before it, and nothing that began in its epoch", () => {
    const subject = subjectAfter(revoked(100));
    expect(endingOf(...began(99, 0), subject)).toMatchObject({ endedAt: 100, reason: "revoked" });
    expect(endingOf(...began(100, 1), subject)).toBeNull();
    expect(endingOf(...began(500, 1), subject)).toBeNull();
    expect(endingOf(...began(500, 0), null)).toBeNull();
    expect(endingOf(...began(500, 0), NOBODY)).toBeNull();
  });

  test("decides a tie by the epoch, and against a session that has none", () => {
    const subject = subjectAfter(revoked(100));
    expect(endingOf(...began(100, 0), subject)).toMatchObject({ endedAt: 100 });
    expect(endingOf(...began(100, 1), subject)).toBeNull();
    expect(endingOf(...began(100), subject)).toMatchObject({ endedAt: 100 });
    expect(endingOf(...began(101), subject)).toBeNull();
    expect(endingOf(...began(99), subject)).toMatchObject({ endedAt: 100 });
  });

  test("is never before the session's own beginning", () => {
    expect(endingOf(...began(105, 0), subjectAfter(revoked(100)))).toMatchObject({ endedAt: 105 });
  });

  test("ends by the time alone what began in the epochs of a record that was forgotten since", () => {
    expect(endingOf(...began(99, 7), subjectAfter(revoked(100)))).toMatchObject({ endedAt: 100 });
  });

  test("spares one session, until one that does not", () => {
    const spared = subjectAfter(revoked(100, "a"));
    expect(endingOf(...began(50, 0), spared)).toBeNull();
    expect(endingOf(...began(50), spared)).toBeNull();
    expect(endingOf(...began(50, 0, "b"), spared)).toMatchObject({ endedAt: 100 });
    const both = subjectAfter(revoked(100, "a"), revoked(200, "b"));
    expect(endingOf(...began(50, 0), both)).toMatchObject({ endedAt: 200 });
    expect(endingOf(...began(150, 1, "b"), both)).toBeNull();
    // What was over before it was spared stays over.
    expect(endingOf(...began(50, 0), subjectAfter(revoked(100), revoked(200, "a")))).toMatchObject({
      endedAt: 100,
    });
  });

  test("is the first of several, as far back as they are kept", () => {
    const times = [100, 200, 300, 400, 500, 600];
    const subject = subjectAfter(...times.map((endedAt) => revoked(endedAt, "a")));
    expect(subject.epoch).toBe(6);
    expect(endingOf(...began(250, 2, "b"), subject)).toMatchObject({ endedAt: 300 });
    // The oldest two are not kept any more; what they ended is over all the same.
    expect(endingOf(...began(50, 0, "b"), subject)).toMatchObject({ endedAt: 300 });
    expect(endingOf(...began(50, 0), subject)).toBeNull();
    expect(lastEndedAt(subject)).toBe(600);
  });

  test("makes an authentication from before it worthless only where it was a revocation", () => {
    expect(subjectAfter(revoked(100)).revokedAt).toBe(100);
    expect(subjectAfter({ reason: "signed-out", endedAt: 100 }).revokedAt).toBeNull();
    expect(subjectAfter(revoked(100), { reason: "signed-out", endedAt: 200 }).revokedAt).toBe(100);
  });

  test("keeps the place of the session that it spares", () => {
    const places = [
      { sid: "a", takenAt: 1 },
      { sid: "b", takenAt: 2 },
    ];
    expect(withEnding({ ...NOBODY, places }, revoked(100, "b")).places).toEqual(places.slice(1));
    expect(withEnding({ ...NOBODY, places }, revoked(100)).places).toEqual([]);
  });

  test("ends everybody where the release before has moved the epoch: it spares nobody and keeps no times", () => {
    const moved = (record: SubjectRecord): SubjectRecord => ({
      ...record,
      epoch: record.epoch + 1,
      revokedAt: 300,
    });
    for (const subject of [moved(NOBODY), moved(subjectAfter(revoked(100, "a")))]) {
      const { epoch } = subject;
      expect(endingOf(...began(150, epoch - 1), subject)).toMatchObject({ endedAt: 300, reason: "revoked" });
      expect(endingOf(...began(350, epoch), subject)).toBeNull();
    }
    // A session of the release before has no epoch; that release has ended it by name.
    expect(endingOf(...began(150), moved(NOBODY))).toBeNull();
  });
});
