/** As much of a window as listening to input takes. */

class FakeDocument extends EventTarget {
  activeElement: unknown = null;
  prerendering = false;
  frames: unknown[] = [];
  isFocused = true;
  querySelectorAll = () => this.frames;
  hasFocus = () => this.isFocused;
}
export class FakeWindow extends EventTarget {
  readonly document = new FakeDocument();
  readonly navigator = { userActivation: { isActive: true } };
  readonly performance = { timeOrigin: 0 };
}
