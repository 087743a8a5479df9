/** The book itself, one for each person, in memory. */
import { randomUUID } from "node:crypto";

export interface Appointment {
  readonly id: string;
  /** Such as `09:30`. */
  readonly time: string;
  readonly who: string;
}

const books = new Map<string, readonly Appointment[]>();

export function appointmentsOf(subject: string): readonly Appointment[] {
  return books.get(subject) ?? [{ id: "first", time: "08:30", who: "Dana Whitfield" }];
}

export function book(subject: string, time: string, who: string): void {
  const appointments = [...appointmentsOf(subject), { id: randomUUID(), time, who }];
  books.set(
    subject,
    appointments.sort((one, other) => one.time.localeCompare(other.time)),
  );
}

export function cancel(subject: string, id: string): void {
  books.set(
    subject,
    appointmentsOf(subject).filter((appointment) => appointment.id !== id),
  );
}

/** What a person still has to put right, or null. */
export function mistakeIn(time: string, who: string): string | null {
  if (who === "" || who.length > 100) return "Write who comes, in up to 100 characters.";
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time)
    ? null
    : "Write the time as hours and minutes, such as 09:30.";
}
