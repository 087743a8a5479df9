/** The notice at the beginning, as HTML that needs no script (WCAG 2.2.6). */
import * as v from "valibot";
import { LOCALES } from "../../locales/all.js";
import { en } from "../../locales/en.js";
import { nearest } from "../../words/intl.js";
import { directionOf, type Locale, TAGS } from "../../words/locale.js";
import { noticeText } from "../../words/notice-text.js";
import { ConfigurationError } from "../platform/errors.js";
import { memberOf } from "../platform/members.js";
import { durationSchema, readConfiguration } from "./configuration.js";
import { writeDuration } from "./durations.js";

export interface StartNoticeOptions {
  /** How long a person may do nothing, as the policy has it: `"20m"`. */
  readonly idle?: string;
  /** After how long everyone must sign in again: `"12h"`. */
  readonly absolute?: string;
  /** What becomes of the work at the end. Default: nothing is said of it. */
  readonly work?: "saved" | "notSaved";
  /** A BCP 47 tag or a catalogue of `curfew/locales`. Default, and where there are no words in it: English. */
  readonly locale?: string | Locale;
}

const isCatalogue = v.custom<Locale>(
  (input) => memberOf(input, "tag") !== undefined && memberOf(input, "notice") !== undefined,
);

const schema = v.strictObject(
  {
    idle: v.optional(durationSchema),
    absolute: v.optional(durationSchema),
    work: v.optional(v.picklist(["saved", "notSaved"], 'must be "saved" or "notSaved"')),
    locale: v.optional(
      v.union(
        [v.string(), isCatalogue],
        'must be a language tag, such as "de", or a catalogue of curfew/locales',
      ),
    ),
  },
  'must be an object, such as { idle: "20m" }',
);

/**
 * Says how long a person may pause, for the page where a task begins or where people sign in. The HTML is whole without
 * script; with `curfew/notice` on the page it follows the limits of the person's own session.
 *
 * @throws ConfigurationError for an option that is none, and where neither limit is given
 * @example
 * startNotice({ idle: "20m", work: "saved", locale: "de" });
 * // <curfew-notice idle="20m" work="saved" lang="de" dir="ltr"><p>Wenn Sie 20 Minuten lang nichts tun, …</p></curfew-notice>
 */
export function startNotice(options: StartNoticeOptions): string {
  const { idle, absolute, work, locale: choice = "en" } = readConfiguration(schema, options, "startNotice");
  if (idle === undefined && absolute === undefined)
    throw new ConfigurationError(
      'startNotice needs a limit to tell of: give idle, such as "20m", or absolute',
    );
  const found = typeof choice === "string" ? catalogueFor(choice) : choice;
  const locale = found ?? en;
  const tag = typeof choice === "string" && found !== undefined ? choice : locale.tag;
  const [idleTimeout, absoluteTimeout] = [idle ?? null, absolute ?? null];
  const text = noticeText(locale, tag, { idleTimeout, absoluteTimeout, work: work ?? null });
  const limits = { idle: written(idleTimeout), absolute: written(absoluteTimeout) };
  const attributes = Object.entries({ ...limits, work, lang: tag, dir: directionOf(tag) })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
  return `<curfew-notice${attributes.join("")}><p>${escaped(text)}</p></curfew-notice>`;
}

function catalogueFor(tag: string): Locale | undefined {
  const name = nearest(tag, TAGS);
  return LOCALES.find((locale) => locale.tag === name);
}

/** In the one way that the element reads, however the app wrote it. */
function written(limit: number | null): string | undefined {
  return limit === null ? undefined : writeDuration(limit);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
