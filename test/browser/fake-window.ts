/** As much of a window as listening to input takes. */

class FakeDocument extends EventTarget {
  activeElement: unknown = null;
  prerendering = false;
  contentType = "text/html";
  isFocused = true;
  hasFocus = () => this.isFocused;
}
export class FakeWindow extends EventTarget {
  readonly document = new FakeDocument();
  readonly navigator = { userActivation: { isActive: true } };
  readonly performance = { timeOrigin: 0 };
  /** As a window has its frames: by number. */
  readonly [at: number]: unknown;
  length = 0;

  add(...frames: readonly unknown[]): void {
    for (const frame of frames) Object.assign(this, { [this.length++]: frame });
  }
}
