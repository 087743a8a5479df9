/** The notes of who is signed in; the middleware has asked who that is. */
export default defineEventHandler(({ context }) => readNotes(context.session?.subject ?? ""));
