/**
 * Every kind of Curfew's warning as a story, for Storybook 9 and 10 with any renderer: copy it beside your own stories. The sessions
 * are those of `curfew/testing`: no server, and time stands still. One warning a document: the stories are not for a page of docs.
 */
import * as locales from "curfew/locales";
import { createTestSession, type TestSessionOptions } from "curfew/testing";
import { attachWarning, type WarningOptions } from "curfew/warning";

type SessionArgs = Pick<TestSessionOptions, "status" | "cause" | "reason" | "reachable" | "keyStore">;
type WarningArgs = Pick<WarningOptions, "countdown" | "work" | "service" | "save">;

interface Args extends SessionArgs, WarningArgs {
  /** Of the time before the deadline, such as `"75s"`. */
  readonly wait?: `${number}s`;
  /** A language that Curfew has words in, such as `de`. */
  readonly locale?: string;
  /** The custom properties of a theme. */
  readonly theme?: Readonly<Record<`--curfew-warning-${string}`, string>>;
}

interface Story {
  readonly name?: string;
  readonly args: Args;
}

export default {
  title: "Curfew/Warning",
  tags: ["!autodocs"],
  argTypes: { locale: { control: "select", options: Object.values(locales).map(({ tag }) => tag) } },
  render: () => "The page behind the warning.",
  /** Shows the warning, and returns what takes it away. */
  beforeEach: ({ args }: { readonly args: Args }) => show(args),
};

async function show({ wait, theme = {}, locale, ...args }: Args): Promise<() => void> {
  const session = createTestSession(args);
  await session.advance(wait ?? 0);
  const words = Object.values(locales).find(({ tag }) => tag === locale) ?? locales.en;
  const detach = attachWarning(session, { ...args, locale: words });
  const { style } = document.documentElement;
  for (const [property, value] of Object.entries(theme)) style.setProperty(property, value);
  return () => {
    detach();
    for (const property of Object.keys(theme)) style.removeProperty(property);
    session.close();
  };
}

const idle = { status: "warning" } as const;
const absolute = { status: "warning", cause: "absolute" } as const;
const ended = { status: "ended" } as const;

export const Idle: Story = { name: "Nobody has been active", args: idle };
export const IdleLastMinute: Story = { name: "The last minute", args: { ...idle, wait: "75s" } };
export const IdleCalm: Story = { name: "A calm clock", args: { ...idle, wait: "75s", countdown: "calm" } };
export const IdleNotSaved: Story = { name: "Work is lost", args: { ...idle, work: "notSaved" } };
export const IdleOffline: Story = { name: "No answer from the server", args: { ...idle, reachable: false } };
export const IdleWithService: Story = {
  name: "The service's name",
  args: { ...idle, service: "Ann's Bank" },
};
export const IdleInGerman: Story = { name: "In German", args: { ...idle, locale: "de" } };

export const IdleThemed: Story = {
  name: "A brand's own colours",
  args: {
    ...idle,
    theme: {
      "--curfew-warning-background": "#fff8ec",
      "--curfew-warning-color": "#2b1a00",
      "--curfew-warning-accent": "#7a3e00",
      "--curfew-warning-on-accent": "#fff",
      "--curfew-warning-border": "#7a3e00",
      "--curfew-warning-radius": "1.25rem",
    },
  },
};

export const Absolute: Story = { name: "A limit that nothing moves: a notice", args: absolute };
export const AbsoluteSave: Story = {
  name: "The same, where the app can save",
  args: { ...absolute, save: () => Promise.resolve() },
};
export const AbsoluteModal: Story = { name: "Its last half minute", args: { ...absolute, wait: "95s" } };
export const KeyLost: Story = { name: "This browser has lost its key", args: { ...idle, keyStore: "lost" } };

export const Unconfirmed: Story = {
  name: "Past the deadline, no answer from the server",
  args: { status: "unconfirmed" },
};

export const EndedIdle: Story = { name: "Ended: nobody was active", args: { ...ended, reason: "idle" } };
export const EndedAbsolute: Story = { name: "Ended: the limit", args: { ...ended, reason: "absolute" } };
export const EndedSignedOut: Story = { name: "Ended: signed out", args: { ...ended, reason: "signed-out" } };
export const EndedRevoked: Story = { name: "Ended: by somebody else", args: { ...ended, reason: "revoked" } };
export const EndedReplaced: Story = { name: "Ended: a new sign-in", args: { ...ended, reason: "replaced" } };
