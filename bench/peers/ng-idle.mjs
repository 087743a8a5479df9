// @ng-idle/core with its default interrupts, in an Angular zone. An app would have it compiled ahead of time.
import "zone.js";
import "@angular/compiler";
import { NgZone } from "@angular/core";
import { DEFAULT_INTERRUPTSOURCES, Idle, LocalStorage, LocalStorageExpiry } from "@ng-idle/core";

const zone = new NgZone({});
zone.run(() => {
  const idle = new Idle(new LocalStorageExpiry(new LocalStorage()), zone, null, "browser");
  idle.setIdle(15 * 60);
  idle.setTimeout(60);
  idle.setInterrupts(DEFAULT_INTERRUPTSOURCES);
  idle.watch();
});
globalThis.isReady = true;
