// What htmx and Turbo need beside Curfew's script include: take the lines of the one that you have.
const { session } = window.Curfew;

// A refused fragment is shown nowhere. The client asks the server what has become of the session, and shows that.
const onRefusal = (status) => status === 401 && session.refresh();
document.addEventListener("htmx:response:error", ({ detail }) => onRefusal(detail.ctx.response.status)); // htmx 4
document.addEventListener("htmx:responseError", ({ detail }) => onRefusal(detail.xhr.status)); // htmx 2
document.addEventListener("turbo:before-fetch-response", (event) => {
  if (event.detail.fetchResponse.statusCode !== 401) return;
  event.preventDefault(); // a visit would load the page anew, and what was written would be gone
  session.refresh();
});

// Turbo sends the token of the meta by itself. It is read for each request: `curfew-drafts.js` may have renewed it.
const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
document.addEventListener("htmx:config:request", ({ detail }) => {
  detail.ctx.request.headers["X-CSRF-Token"] = token(); // htmx 4
});
document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRF-Token"] = token(); // htmx 2
});
