// The page's half of the chat: it keeps a connection for as long as the session lives, and not beyond.
const RECONNECT_INTERVAL = 2_000;

const { session } = globalThis.Curfew; // of the script include
const element = (id) => document.getElementById(id);
let socket = null;

function connect() {
  const lives = session.state.status === "active" || session.state.status === "warning";
  if (socket !== null || !lives) return;
  socket = new WebSocket(`${location.origin.replace("http", "ws")}/chat`);
  socket.addEventListener("open", () => say("Connected."));
  socket.addEventListener("message", ({ data }) => {
    const line = document.createElement("li");
    line.textContent = data;
    element("messages").append(line);
  });
  socket.addEventListener("close", ({ code }) => {
    socket = null;
    if (code === 4401) {
      say("The session has ended.");
      session.refresh(); // Curfew asks the server, and covers the page
    } else {
      say("Not connected.");
      setTimeout(connect, RECONNECT_INTERVAL);
    }
  });
}

function say(text) {
  element("connection").textContent = text;
}

element("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/sign-in", { method: "POST", headers, body });
  if (answer.ok)
    session.refresh(); // the client meets the new session
  else say("Name and password do not match.");
});

element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  socket?.send(String(new FormData(event.target).get("text")));
  event.target.reset();
});

session.subscribe(connect);
connect();
