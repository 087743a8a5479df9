/** What one tab knows of its session: one object, read by every part of the client, written by what the server says. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import { INITIAL_STATE, isLive, type LiveState, type MachineState } from "../../session/machine.js";
import type { LiveSession } from "../heartbeat/live-session.js";
import type { ReportedEnd } from "../tabs/group.js";

export interface Tab {
  /** The app's name, as far as it is known before the server has said it. */
  readonly name: string;
  machine: MachineState;
  /** What the server last said of the session, and still there once that has ended; null before the first answer. */
  status: ActiveStatus | null;
  /** The key, the sender and the storage of that session. */
  session: LiveSession | null;
  /** Where a person signs in; null until the server has said so. */
  signInUrl: string | null;
  /** Where a person ends the provider's session too, after an end; null: nowhere. */
  endUrl: string | null;
  /** Whether the page stood at that address when the server last said that the session lives: then it shows records there too. */
  isLiveAtSignIn: boolean;
  /** The page has just gone from that address to another one, and the server is asked who is signed in now. */
  isLeavingSignIn: boolean;
  /** The session has ended for want of activity, and what this browser had to tell of it did not reach the server. */
  isUnheard: boolean;
  /** The end that another tab has told of, until the server has spoken. */
  reportedEnd: ReportedEnd | undefined;
  /** The latest server time that this browser has on record from an earlier page; 0 where there is none. */
  seenAt: number;
  /** How often the page has gone or come back. */
  visit: number;
  /** In which visit the server was last asked, and when by the wall clock: only an answer to a question of this visit uncovers the page. */
  asked: { readonly visit: number; readonly at: number };
}

export function createTab(name: string): Tab {
  return {
    name,
    machine: INITIAL_STATE,
    status: null,
    session: null,
    signInUrl: null,
    endUrl: null,
    isLiveAtSignIn: false,
    isLeavingSignIn: false,
    isUnheard: false,
    reportedEnd: undefined,
    seenAt: 0,
    visit: 0,
    asked: { visit: 0, at: 0 },
  };
}

/** The machine's state while a session lives; null otherwise. */
export function liveStateOf({ machine }: Pick<Tab, "machine">): LiveState | null {
  return isLive(machine) ? machine : null;
}
