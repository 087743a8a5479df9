// Notes at each frame whether the page's text is still to be seen; the time is taken once the frame has been drawn.
const seen = { covered: 0, told: 0, hidden: false };
globalThis.seen = seen;

function drawn(member) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    seen[member] = performance.timeOrigin + performance.now();
    port1.close();
  };
  port2.postMessage(null);
}

let isCovered = false;
let isTold = false;

function look() {
  requestAnimationFrame(look);
  if (document.visibilityState !== "visible") seen.hidden = true;
  const text = document.getElementById("text");
  if (text === null) return;
  const isHidden = getComputedStyle(text).visibility === "hidden";
  if (isHidden && !isCovered) drawn("covered");
  // At the start a page may be covered until the server has answered.
  if (!isHidden) seen.covered = 0;
  isCovered = isHidden;
  const { kind } = document.querySelector("curfew-warning")?.attributes ?? {};
  if (kind?.value === "ended" && !isTold) {
    isTold = true;
    drawn("told");
  }
}

requestAnimationFrame(look);
