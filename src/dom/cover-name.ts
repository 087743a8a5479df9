/** What lies over a covered page: the name of its element, and of the event that tells the document when it has come up. */
export const COVER = "curfew-cover";
