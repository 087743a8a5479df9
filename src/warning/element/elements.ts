/** The warning's elements: made once, without markup as text, and written to only where something changed. */
import { unshadowed } from "../../dom/unshadowed.js";
import type { View } from "../kinds/view.js";
import { signInAddress } from "./sign-in-address.js";

export interface Elements {
  readonly dialog: HTMLDialogElement;
  /** Where the same card is shown without taking the focus. */
  readonly notice: HTMLElement;
  readonly card: HTMLElement;
  readonly brand: HTMLElement;
  readonly service: HTMLElement;
  readonly title: HTMLElement;
  /** On a small screen the notice is one line; this shows the rest. */
  readonly more: HTMLElement;
  readonly kept: HTMLElement;
  readonly message: HTMLElement;
  readonly countdown: HTMLElement;
  readonly timer: HTMLElement;
  /** The time left for readers: it changes when a rung is reached. */
  readonly left: HTMLElement;
  readonly error: HTMLElement;
  readonly primary: HTMLElement;
  readonly link: HTMLAnchorElement;
  readonly secondary: HTMLElement;
  readonly status: HTMLElement;
  readonly alert: HTMLElement;
  /** Outside the dialog: what is said once it has closed. */
  readonly afterwards: HTMLElement;
}

export function buildElements(root: ShadowRoot): Elements {
  const title = element("h2", { id: "t", part: "title", tabindex: "-1" });
  const message = element("p", { id: "m", part: "message" });
  const service = element("span", { part: "service" });
  const brand = element("p", { part: "brand" }, element("slot", { name: "mark" }), service);
  const more = element("button", { part: "more", type: "button", "aria-expanded": "false" });
  const kept = element("p", { id: "k", part: "kept" });
  // What ticks is for the eye. Readers that follow it would speak every second; they find the time of the last rung below.
  const timer = element("span");
  const countdown = element("p", { part: "countdown", "aria-hidden": "true" }, "", timer, "");
  const left = element("p", { part: "left" });
  const error = element("p", { part: "error", role: "alert" });
  const primary = element("button", { part: "primary", type: "button" });
  const link = element("a", { part: "primary" });
  const secondary = element("button", { part: "secondary", type: "button" });
  const actions = element("div", { part: "actions" }, primary, link, secondary);
  const status = element("p", { part: "live", role: "status", "aria-atomic": "true" });
  const alert = element("p", { part: "live", role: "alert", "aria-atomic": "true" });
  const texts = [brand, title, kept, message, countdown, left, error];
  const card = element("div", {}, ...texts, actions, more, status, alert);
  const named = { "aria-labelledby": "t" };
  const dialog = element(
    "dialog",
    { part: "dialog", role: "alertdialog", "aria-describedby": "k m", ...named },
    card,
  );
  const notice = element("section", {
    part: "notice",
    role: "region",
    "aria-keyshortcuts": "F6",
    ...named,
  });
  // Where it means nothing, the console warns of it.
  if ("popover" in notice) notice.popover = "manual";
  const afterwards = element("p", { part: "done", role: "status" });
  root.append(dialog, notice, afterwards);
  return {
    ...{ dialog, notice, card, brand, service, title, more, kept, message, countdown, timer, left, error },
    ...{ primary, link, secondary, status, alert, afterwards },
  };
}

/** Shows a view. */
export function draw(elements: Elements, view: View, signInUrl: string | null): void {
  const { primary, link, secondary } = elements;
  write(elements.title, view.title);
  write(elements.kept, view.kept);
  write(elements.message, view.message);
  write(elements.error, view.error);
  offer(primary, view.primary, view.pending);
  offer(secondary, view.secondary, view.pending);
  offer(link, view.link, false);
  attribute(link, "href", signInAddress(signInUrl).href);
  attribute(link, "target", view.newTab ? "_blank" : "_self");
}

/** Shows the countdown: a template around the ticking part. An empty time hides it. */
export function drawCountdown({ countdown, timer }: Elements, template: string, time: string): void {
  const [before = "", after = ""] = template.split("{duration}");
  conceal(countdown, time === "");
  writeNode(countdown.firstChild, before);
  write(timer, time);
  writeNode(countdown.lastChild, after);
}

/** Shows the name of the service that speaks; an empty one hides its line, mark and all. */
export function drawService({ brand, service }: Elements, name: string): void {
  write(service, name);
  conceal(brand, name === "");
}

/** Writes only what is new, so that nothing is read out twice. */
export function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function attribute(target: HTMLElement, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

function conceal(target: HTMLElement, hidden: boolean): void {
  if (target.hidden !== hidden) target.hidden = hidden;
}

function writeNode(node: ChildNode | null, text: string): void {
  if (node !== null && node.nodeValue !== text) node.nodeValue = text;
}

function offer(action: HTMLElement, label: string, pending: boolean): void {
  write(action, label);
  conceal(action, label === "");
  if (pending) attribute(action, "aria-disabled", "true");
  else action.removeAttribute("aria-disabled");
}

function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = unshadowed(document).createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
