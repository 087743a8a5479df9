/** `<curfew-warning>` and `<curfew-notice>` in JSX, as the types of React 16 to 19 find them. */
import type * as React from "react";
import type { NoticeAttributes } from "../notice/curfew-notice.js";
import type { WarningAttributes } from "../warning/curfew-warning.js";

type PropsOf<Name extends keyof HTMLElementTagNameMap, Attributes> = React.DetailedHTMLProps<
  Attributes & Omit<React.HTMLAttributes<HTMLElementTagNameMap[Name]>, keyof Attributes>,
  HTMLElementTagNameMap[Name]
>;

/** Curfew's elements by name, with what may be written on them. */
export interface CurfewElements {
  "curfew-warning": PropsOf<"curfew-warning", WarningAttributes>;
  "curfew-notice": PropsOf<"curfew-notice", NoticeAttributes>;
}

declare global {
  /** Of React below 19. */
  namespace JSX {
    interface IntrinsicElements extends CurfewElements {}
  }
}

declare module "react" {
  namespace JSX {
    interface IntrinsicElements extends CurfewElements {}
  }
}
