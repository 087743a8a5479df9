/** How the warning looks. System colours and the page's own `color-scheme` by default; `--curfew-warning-*` to theme it. */

/**
 * Inside a shadow root an important rule outweighs the page's important ones. Letter, word and line spacing are left to the
 * person's own style sheet, which comes the same way as a page's (WCAG 1.4.12).
 */
const CSS = `:host{all:initial;color-scheme:inherit;font:medium/1.5 var(--curfew-warning-font,system-ui,sans-serif);display:block!important;visibility:visible!important;opacity:1!important;pointer-events:auto!important;font-size:var(--curfew-warning-size,medium)!important;transform:none!important;filter:none!important;clip-path:none!important;content-visibility:visible!important;--bg:var(--curfew-warning-background,Canvas);--fg:var(--curfew-warning-color,CanvasText);--ac:var(--curfew-warning-accent,#14529c);--on:var(--curfew-warning-on-accent,#fff);--er:var(--curfew-warning-error,#a8071a)}
@supports(color:light-dark(red,red)){:host{--bg:var(--curfew-warning-background,light-dark(#fff,#1b1f24));--fg:var(--curfew-warning-color,light-dark(#16191d,#eceff2));--ac:var(--curfew-warning-accent,light-dark(#14529c,#a5c8ff));--on:var(--curfew-warning-on-accent,light-dark(#fff,#0b1f38));--er:var(--curfew-warning-error,light-dark(#a8071a,#ffb4ab))}}
dialog,section{box-sizing:border-box;inset:0;margin:auto;inline-size:fit-content;max-inline-size:min(30em,100%);block-size:fit-content;max-block-size:100dvb;overflow:auto;padding:1.5em;color:var(--fg);background:var(--bg);border:1px solid var(--curfew-warning-border,#80868b);border-radius:var(--curfew-warning-radius,.5em);box-shadow:0 .5em 2em rgb(0 0 0/.25);overflow-wrap:anywhere}
section{margin-block:auto 1em;margin-inline:auto 1em}
section[data-start]{margin-block:1em auto}
dialog::backdrop{background:var(--curfew-warning-backdrop,rgb(0 0 0/.55))}
dialog[closedby=none]::backdrop{background:Canvas}
h2{margin:0 0 .5em;font-size:1.375em;line-height:1.25;outline:0}
p{margin:0 0 1em}
p:empty{margin:0}
[part=brand]{display:flex;align-items:center;gap:.5em;font-weight:600}
[part=brand]:has([part=service]:empty){display:none}
[part=kept]{font-size:1.125em;font-weight:600}
[part=more]{display:none;flex:none}
[part=countdown]{font-weight:600;font-variant-numeric:tabular-nums}
[part=error]{color:var(--er);font-weight:600}
[part=actions]{display:flex;flex-wrap:wrap;gap:1.5em}
button,a{box-sizing:border-box;flex:1 0 auto;max-inline-size:100%;min-block-size:44px;scroll-margin:.5em;padding:.5em 1.25em;border:1px solid var(--ac);border-radius:calc(var(--curfew-warning-radius,.5em)*.75);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;color:var(--ac);background:transparent}
[part=primary]{color:var(--on);background:var(--ac)}
:is(button,a):hover{text-decoration:underline}
:is(button,a):focus-visible{outline:3px solid var(--ac);outline-offset:2px}
[aria-disabled=true]{cursor:progress}
[hidden]{display:none}
[part=done]{position:fixed;inset:auto 1em 1em;margin:auto;inline-size:fit-content;max-inline-size:calc(100% - 2em);padding:.5em 1em;color:var(--fg);background:var(--bg);border:1px solid;border-radius:var(--curfew-warning-radius,.5em);pointer-events:none;z-index:2147483647}
[part=live],[part=left],[part=done]:empty{position:absolute;inline-size:1px;block-size:1px;margin:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(max-width:40em),(max-height:30em){dialog,section{padding:1em}section{margin-block:auto 0;margin-inline:auto}section[data-start]{margin-block:0 auto}
[part=more]{display:block;padding:0 .75em}dialog [part=more]{display:none}
section:not([data-open]){inline-size:100%;max-inline-size:100%;padding:.25em .75em;max-block-size:25dvb}
section:not([data-open])>div{display:flex;align-items:center;gap:.75em}
section:not([data-open]) h2{flex:1;margin:0;font-size:1em}
section:not([data-open]) :is([part=brand],[part=kept],[part=message],[part=countdown],[part=actions]){display:none}}
@media(prefers-reduced-transparency:reduce),(prefers-contrast:more){dialog::backdrop{background:var(--curfew-warning-backdrop,Canvas)}}
@media(prefers-contrast:more){dialog,section{border:2px solid CanvasText;box-shadow:none}}
@media print{section,dialog:not([closedby=none]){display:none}}`;

/** A constructed sheet passes a content security policy without inline styles, and Trusted Types. */
export function adoptStyles(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
}

export function prefersCalm(): boolean {
  return matchMedia("(prefers-reduced-motion:reduce)").matches;
}

/** Whether the device has neither a mouse nor, as far as a page can tell, a keyboard. */
export function isTouchOnly(): boolean {
  return matchMedia("(hover:none) and (pointer:coarse)").matches;
}
