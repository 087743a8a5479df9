/** `curfew/frame`: for a page that is shown in a frame of another origin. */
export { type ReportInputOptions, reportInput } from "./report-input.js";
