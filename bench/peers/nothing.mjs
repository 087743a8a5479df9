// No listener: what the dispatch of an event costs by itself.
globalThis.isReady = true;
