/** News to and from the other tabs. News never ends, warns or extends anything: it makes this tab ask the server. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import type { EndReason } from "../../session/end.js";
import { isLive, type MachineState } from "../../session/machine.js";
import type { Clock } from "../platform/clock.js";
import type { ReportedEnd, TabGroup, TabMessage } from "./group.js";

interface TabNewsOptions {
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly open: (name: string, onMessage: (message: TabMessage) => void) => TabGroup;
  /** This tab's name in the others' logs. */
  readonly ownName: string;
  readonly tab: { readonly machine: MachineState; readonly status: ActiveStatus | null };
  /** Asks the server; resolves with whether that changed anything. */
  readonly ask: () => Promise<boolean>;
  readonly onActive: (news: TabMessage & { type: "active" }) => void;
  readonly onEnded: (end: ReportedEnd) => void;
}

export interface TabNews {
  /** Joins the tabs of the app `name`, leaving those of another one, and greets them. */
  join(name: string): void;
  postActive(status: ActiveStatus): void;
  postEnded(sid: string, reason: EndReason): void;
  postAbsent(): void;
  /** Asks the server because of news: at once, but ever more seldom while the news is worth nothing. */
  check(): void;
  leave(): void;
}

const FIRST_SPACING = 1000;
/** Short enough that a flood of forgeries does not hide real news for long. */
const LONGEST_SPACING = 10_000;

export function createTabNews(options: TabNewsOptions): TabNews {
  const { clock, open, tab, ownName, ask, onActive, onEnded } = options;
  let group: TabGroup | null = null;
  let joined: string | null = null;
  let spacing = FIRST_SPACING;
  let checkAt = Number.NEGATIVE_INFINITY;
  let greetAt = Number.NEGATIVE_INFINITY;
  let cancelCheck: (() => void) | null = null;

  /** The session that this tab holds or held. */
  const sid = () => tab.status?.sid ?? null;
  /** What the server last said, while that session lives. */
  const liveStatus = () => (isLive(tab.machine) ? tab.status : null);

  function onMessage(message: TabMessage): void {
    if (message.type === "hello") onHello(message.sid);
    else if (message.type === "absent") doubt();
    else if (message.sid !== sid()) return;
    else if (message.type === "active") onActive(message);
    else if (liveStatus() !== null) {
      onEnded(message);
      check();
    }
  }

  /** Whoever shows a session asks whether it still lives. */
  function doubt(): void {
    if (liveStatus() !== null) check();
  }

  function onHello(other: string | null): void {
    const known = liveStatus();
    if (other !== null && other !== sid()) check();
    else if (known !== null && clock.monotonic() >= greetAt) {
      greetAt = clock.monotonic() + FIRST_SPACING;
      postActive(known);
    }
  }

  function check(): void {
    const delay = checkAt - clock.monotonic();
    if (delay <= 0) void checkNow();
    else
      cancelCheck ??= clock.after(delay, () => {
        cancelCheck = null;
        void checkNow();
      });
  }

  async function checkNow(): Promise<void> {
    checkAt = clock.monotonic() + spacing;
    const wasWorthIt = await ask();
    spacing = wasWorthIt ? FIRST_SPACING : Math.min(LONGEST_SPACING, spacing * 2);
    checkAt = clock.monotonic() + spacing;
  }

  function postActive({ sid: live, now, lastActiveAt }: ActiveStatus): void {
    group?.post({ type: "active", sid: live, now, activeAt: lastActiveAt, tab: ownName });
  }

  return {
    join(name) {
      if (joined !== name) group?.close();
      if (joined !== name || group === null) group = open(name, onMessage);
      joined = name;
      group.post({ type: "hello", sid: sid() });
    },
    postActive,
    postEnded: (ended, reason) => group?.post({ type: "ended", sid: ended, reason, tab: ownName }),
    postAbsent: () => group?.post({ type: "absent" }),
    check,
    leave() {
      group?.close();
      group = null;
      cancelCheck?.();
      cancelCheck = null;
    },
  };
}
