import type { Actions, PageServerLoad } from "./$types";

const notes: string[] = [];

export const load: PageServerLoad = ({ locals }) => ({ notes, name: locals.session.subject });

export const actions: Actions = {
  default: async ({ request }) => {
    const { note } = Object.fromEntries(await request.formData());
    notes.push(String(note));
  },
};
