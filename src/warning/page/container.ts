/** Where the card stands: nowhere, as a notice that takes no focus, or as a modal that nothing on the page can cover or close. */

import { COVER } from "../../dom/cover-name.js";
import { unshadowed } from "../../dom/unshadowed.js";
import { attribute, type Elements } from "../element/elements.js";
import { KINDS, type Mode, type WarningKind } from "../kinds/kinds.js";
import type { InputTaker } from "../platform/capture-input.js";
import { loopFocus, openAt, rememberFocus } from "../platform/focus.js";
import { watchSight } from "../platform/sight.js";
import type { Ticker } from "../platform/ticker.js";
import { keepClear } from "./keep-clear.js";
import { hearPageKeys } from "./page-keys.js";

interface Container {
  readonly mode: Mode | null;
  /** When this kind came up in this mode, on the ticker's clock. */
  readonly openedAt: number;
  /**
   * True if something came up that was not there before. Where the title that has the focus says something else now, the
   * focus comes to it anew: readers do not speak of text that changes under it (https://github.com/nvaccess/nvda/issues/11224).
   */
  show(mode: Mode, kind: WarningKind, title: string): boolean;
  hide(): void;
  /** Whether a modal of the page is open, under which a notice could not be reached. */
  isBlocked(): boolean;
  /** Comes up again where something lies above the modal that told nobody of its opening. */
  keepOnTop(): void;
  /** Puts everything back as it was: after the element was moved, or closed by something else, or covered. */
  restore(): void;
}

interface ContainerOptions {
  readonly root: ShadowRoot;
  readonly elements: Elements;
  readonly ticker: Ticker;
  readonly signal: AbortSignal;
  readonly place: "focus" | undefined;
  readonly takeInput: (taker: InputTaker) => void;
  /** Escape, a back gesture or a reader's dismiss gesture, with the key's event where there is one. */
  readonly onEscape: (event: Event) => void;
  /** A button of the card was pressed, by whatever means. */
  readonly onPress: (button: "primary" | "secondary", event: Event) => void;
}

/** For this long after opening nothing is taken for an answer: it was meant for what was there before. */
const GUARD_PERIOD = 600;
/** Within the next task, and after the next few frames. */
const SCROLL_DELAYS = [0, 50];
/** Nobody gains by two modals that raise themselves in turns. */
const RAISE_INTERVAL = 10_000;

export function createContainer(options: ContainerOptions): Container {
  const { root, elements, ticker, signal, place, takeInput, onEscape, onPress } = options;
  const { dialog, notice, card } = elements;
  const page = unshadowed(document);
  let mode: Mode | null = null;
  let kind: WarningKind | null = null;
  let title = "";
  let openedAt = Number.NEGATIVE_INFINITY;
  let raisedAt = Number.NEGATIVE_INFINITY;
  let giveFocusBack: (isGentle?: boolean) => void = () => {};
  let escapeKey: Event | null = null;
  let beganGuarded = false;
  const isCovered = watchSight({ dialog, host: root.host, signal, onChange: keepOnTop });
  const lookAtFocus = keepClear({ notice, place, ticker, signal });
  const isGuarded = () => ticker.now() - openedAt < GUARD_PERIOD;

  function show(nextMode: Mode, nextKind: WarningKind, nextTitle: string): boolean {
    const isRenamed = title !== nextTitle && root.activeElement === elements.title;
    const isOther = kind !== nextKind;
    if (mode === nextMode && !isOther && !isRenamed) return false;
    kind = nextKind;
    if (mode !== nextMode) move(nextMode);
    else if (mode === "modal") {
      // A modal that opens is read out from its name on.
      elements.title.blur();
      dialog.close();
      openModal();
    }
    title = nextTitle;
    openedAt = ticker.now();
    attribute(dialog, "closedby", KINDS[kind].covers ? "none" : "closerequest");
    if (mode === "modal") takeFocus();
    return true;
  }

  function move(nextMode: Mode): void {
    if (nextMode === "modal" && root.activeElement === null) giveFocusBack = rememberFocus();
    mode = nextMode;
    dialog.close();
    takeNoticeDown();
    showMore(false);
    put();
  }

  const target = () => elements[(kind && KINDS[kind].focus) ?? "title"];
  const openModal = () => openAt(dialog, target());

  function put(): void {
    if (mode === "modal") {
      dialog.append(card);
      openModal();
    } else {
      notice.append(card);
      notice.hidden = false;
      notice.showPopover?.();
      lookAtFocus();
    }
  }

  function takeFocus(): void {
    target().focus();
    target().scrollIntoView({ block: "nearest" });
  }

  function takeNoticeDown(): void {
    if (!notice.hidden) notice.hidePopover?.();
    notice.hidden = true;
  }

  /** Again a moment later, as the page may still be covered now and its elements unable to take the focus. */
  function hide(): void {
    const hadFocus = mode === "modal" || root.activeElement !== null;
    // Whoever asks where a page has scrolled to makes the browser lay it out at once: not where nothing was shown.
    const [left = 0, top = 0] = hadFocus ? [globalThis.scrollX, globalThis.scrollY] : [];
    mode = kind = null;
    dialog.close();
    takeNoticeDown();
    if (!hadFocus) return;
    const giveBack = giveFocusBack;
    giveBack();
    // Firefox scrolls to a selection that is set, in a task of its own. A page that a test has put down has no window any more.
    const scrollBack = () => globalThis.window?.scrollTo({ left, top, behavior: "instant" });
    ticker.after(0, () => {
      if (mode === null) giveBack(true);
      for (const delay of SCROLL_DELAYS) ticker.after(delay, scrollBack);
    });
  }

  function restore(): void {
    if (mode === null) return;
    const focused = root.activeElement;
    if (dialog.open) dialog.close();
    takeNoticeDown();
    put();
    if (focused instanceof HTMLElement) focused.focus();
    else if (mode === "modal") takeFocus();
  }

  const isBlocked = () => [...page.querySelectorAll("dialog[open]")].some((other) => other.matches(":modal"));

  function keepOnTop(): void {
    if (mode !== "modal" || !dialog.open || ticker.now() - raisedAt < RAISE_INTERVAL || !isCovered()) return;
    raisedAt = ticker.now();
    restore();
  }

  function onKeydown(event: KeyboardEvent): void {
    const { key, repeat, shiftKey } = event;
    if (!repeat) onPressStart();
    if (key === "Tab" && mode === "modal") {
      event.preventDefault();
      loopFocus(card, root, shiftKey);
    } else if (key === "Enter" || key === " " || key === "Escape") {
      if (repeat) event.preventDefault();
      else if (key === "Escape") onEscapeKey(event);
    }
  }

  function showMore(isOpen: boolean): void {
    notice.toggleAttribute("data-open", isOpen);
    attribute(elements.more, "aria-expanded", String(isOpen));
  }

  function onEscapeKey(event: Event): void {
    escapeKey = event;
    if (mode === "notice") onEscape(event);
  }

  function onCancel(event: Event): void {
    event.preventDefault();
    if (!isGuarded()) onEscape(escapeKey ?? event);
    escapeKey = null;
  }

  /** Browsers let a third Escape in a row through, and scripts can close what they find. */
  function onClose(): void {
    if (mode !== "modal" || dialog.open || !dialog.isConnected) return;
    openModal();
    if (escapeKey !== null) onEscape(escapeKey);
    escapeKey = null;
    takeFocus();
  }

  const onPressStart = () => {
    beganGuarded = isGuarded();
  };
  function onClick(event: Event, target: EventTarget | undefined): void {
    const isEarly = beganGuarded || isGuarded();
    beganGuarded = false;
    if (isEarly) event.preventDefault();
    else if (target === elements.more) showMore(!notice.hasAttribute("data-open"));
    else if (target === elements.primary) onPress("primary", event);
    else if (target === elements.secondary) onPress("secondary", event);
  }

  /** What enters the top layer later, a modal, a popover or a fullscreen element, would lie above ours and hide it. */
  function onTopLayer(event: Event): void {
    const { target, newState } = event as Partial<ToggleEvent>;
    // The cover has told of itself already.
    const isOurs = [root.host.localName, COVER].includes((target as Element).localName);
    const entered = event.type === "toggle" ? newState !== "closed" : page.fullscreenElement !== null;
    if (mode === "modal" && !isOurs && entered) restore();
  }

  /** Someone went into the notice by themselves: closing it leads back to where they came from. */
  const onNoticeFocus = ({ relatedTarget: from }: FocusEvent) => {
    if (from instanceof HTMLElement && !notice.contains(from)) giveFocusBack = () => from.focus();
  };

  takeNoticeDown();
  hearPageKeys({ elements, signal, isNotice: () => mode === "notice", onEscape });
  notice.addEventListener("focusin", onNoticeFocus, { signal });
  takeInput({ root, isModal: () => mode === "modal", onKeydown, onPressStart, onClick });
  dialog.addEventListener("cancel", onCancel, { signal });
  dialog.addEventListener("close", onClose, { signal });
  for (const type of ["toggle", "fullscreenchange"])
    page.addEventListener(type, onTopLayer, { signal, capture: true });
  page.addEventListener(COVER, restore, { signal });
  return {
    show,
    hide,
    restore,
    isBlocked,
    keepOnTop,
    get mode() {
      return mode;
    },
    get openedAt() {
      return openedAt;
    },
  };
}
