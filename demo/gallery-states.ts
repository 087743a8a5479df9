/** Everything that the warning can show, for the gallery: how a test session gets there, and what is pressed then. */
import type { TestSessionOptions } from "curfew/testing";

export interface GalleryState {
  readonly label: string;
  readonly session: TestSessionOptions;
  /** Milliseconds that pass before the picture. */
  readonly wait?: number;
  readonly warning?: { readonly work?: "saved" | "notSaved"; readonly countdown?: "calm" | "none" };
  /** Whether the app can save at the person's request, and whether that works. */
  readonly save?: "works" | "fails";
  /** What the person presses, and what the server makes of it. */
  readonly press?: "primary" | "secondary";
  readonly server?: "refuses" | "is slow" | "is away";
}

const warning = { status: "warning" } as const;
const absolute = { status: "warning", cause: "absolute" } as const;

export const GALLERY_STATES: Readonly<Record<string, GalleryState>> = {
  idle: { label: "Nobody has been active: the question", session: warning },
  "idle-seconds": { label: "The last minute", session: warning, wait: 75_000 },
  "idle-calm": {
    label: "The same with a calm clock",
    session: warning,
    wait: 75_000,
    warning: { countdown: "calm" },
  },
  "idle-saved": { label: "An app that saves by itself", session: warning, warning: { work: "saved" } },
  "idle-not-saved": { label: "An app that does not save", session: warning, warning: { work: "notSaved" } },
  "idle-no-clock": { label: "Without a clock", session: warning, warning: { countdown: "none" } },
  "idle-checking": {
    label: "The answer is on its way",
    session: warning,
    press: "primary",
    server: "is slow",
  },
  "idle-failed": { label: "The answer was refused", session: warning, press: "primary", server: "refuses" },
  "idle-offline": { label: "The server does not answer", session: { ...warning, reachable: false } },
  absolute: { label: "The limit that nothing moves: a notice", session: absolute },
  "absolute-save": { label: "The same, where the app can save", session: absolute, save: "works" },
  "absolute-saved": { label: "Saved", session: absolute, save: "works", press: "primary" },
  "absolute-save-failed": { label: "Saving failed", session: absolute, save: "fails", press: "primary" },
  "absolute-modal": { label: "Its last half minute: a modal", session: absolute, wait: 95_000 },
  "absolute-lost": { label: "This browser has lost its key", session: { ...warning, keyStore: "lost" } },
  unconfirmed: {
    label: "Past the deadline, and the server does not answer",
    session: { status: "unconfirmed" },
  },
  "ended-idle": { label: "Ended: nobody was active", session: { status: "ended", reason: "idle" } },
  "ended-absolute": { label: "Ended: the limit", session: { status: "ended", reason: "absolute" } },
  "ended-signed-out": { label: "Ended: signed out", session: { status: "ended", reason: "signed-out" } },
  "ended-revoked": { label: "Ended: by someone else", session: { status: "ended", reason: "revoked" } },
  "ended-replaced": { label: "Ended: a new sign-in", session: { status: "ended", reason: "replaced" } },
};

/** The languages of the warning's words. */
export const GALLERY_LOCALES = "en fr de es pt-BR it nl pl uk tr ar he hi zh-Hans zh-Hant ja ko vi cy".split(
  " ",
);

export const GALLERY_THEMES = { light: "Light", dark: "Dark", brand: "A brand's own" } as const;
export type GalleryTheme = keyof typeof GALLERY_THEMES;

/** The windows that the pictures stand for: the smallest that WCAG 1.4.10 asks for, and a desktop's at 400 % zoom. */
export const GALLERY_SIZES = {
  wide: "As wide as it comes",
  phone: "A phone: 320 × 568",
  zoom: "400 % zoom: 320 × 256",
} as const;
