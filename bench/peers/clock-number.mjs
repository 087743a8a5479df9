// One passive capture listener that asks the clock and stores its number.
let lastInputAt = 0;
const store = () => {
  lastInputAt = performance.now();
};
for (const type of ["pointermove", "mousemove"])
  addEventListener(type, store, { capture: true, passive: true });
globalThis.lastInput = () => lastInputAt;
globalThis.isReady = true;
