// The floor to aim at: one passive capture listener that stores a number.
let lastInputAt = 0;
const store = (event) => {
  lastInputAt = event.timeStamp;
};
for (const type of ["pointermove", "mousemove"])
  addEventListener(type, store, { capture: true, passive: true });
globalThis.lastInput = () => lastInputAt;
globalThis.isReady = true;
