/** `curfew/notice`: the face of the notice at the beginning (WCAG 2.2.6). */

export { CurfewNotice, type NoticeAttributes, type NoticeOptions } from "./curfew-notice.js";
export { defineNotice } from "./define-notice.js";
