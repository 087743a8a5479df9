/** What a policy may choose that a client needs to know too. */

/** What answers the warning: only the explicit answer, or any input (a policy's choice). */
export type DismissWarning = "explicit" | "activity";
/** What an automated browser (`navigator.webdriver`) gets: a mark in the audit trail, or a refusal. */
export type AutomatedRule = "flag" | "refuse";

/** What extends a session that has no key: nothing, or the navigations that a browser says a person made. */
export type WithoutScript = "never" | "navigation";

/** Whose activity keeps a session: its app's, or that of other apps of a group too. */
export type ActivityScope = "own" | "group";
