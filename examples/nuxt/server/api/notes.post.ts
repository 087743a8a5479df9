/** Keeps a note. */
export default defineEventHandler(async (event) => {
  const { note } = (await readBody<{ note?: unknown }>(event)) ?? {};
  const subject = event.context.session?.subject;
  if (subject === undefined || typeof note !== "string") throw createError({ statusCode: 400 });
  keepNote(subject, note);
  return readNotes(subject);
});
