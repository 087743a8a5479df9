/** `<curfew-warning>` and `<curfew-notice>` in Vue's templates and in its JSX. */
import type * as Vue from "vue";
import type { NoticeAttributes } from "../notice/curfew-notice.js";
import type { WarningAttributes } from "../warning/curfew-warning.js";

type AttributesOf<Own> = Own & Omit<Vue.HTMLAttributes, keyof Own>;
type InTemplates<Name extends keyof HTMLElementTagNameMap, Own> = new () => HTMLElementTagNameMap[Name] & {
  readonly $props: AttributesOf<Own>;
};

declare module "vue" {
  interface GlobalComponents {
    "curfew-warning": InTemplates<"curfew-warning", WarningAttributes>;
    "curfew-notice": InTemplates<"curfew-notice", NoticeAttributes>;
  }
  interface IntrinsicElementAttributes {
    "curfew-warning": AttributesOf<WarningAttributes>;
    "curfew-notice": AttributesOf<NoticeAttributes>;
  }
}
