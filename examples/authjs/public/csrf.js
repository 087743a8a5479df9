// The token of Auth.js is the cookie's, not the session's: it outlives an end, and a sign-in beside the page.
const { csrfToken } = await (await fetch("/auth/csrf")).json();
for (const field of document.querySelectorAll("[name=csrfToken]")) field.value = csrfToken;
