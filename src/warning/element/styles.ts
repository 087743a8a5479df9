/** How the warning looks. System colours and the page's own `color-scheme` by default; `--curfew-warning-*` to theme it. */

/**
 * Inside a shadow root an important rule outweighs the page's important ones; what the page's rules give the host to hand down
 * ends at the card. Letter, word and line spacing are left to the person's own style sheet, which comes the same way as a page's
 * (WCAG 1.4.12).
 */
const CSS = `:host{all:initial;color-scheme:inherit;font:medium/1.5 var(--curfew-warning-font,system-ui,sans-serif);display:block!important;visibility:visible!important;opacity:1!important;pointer-events:auto!important;font-size:var(--curfew-warning-size,medium)!important;transform:none!important;filter:none!important;clip-path:none!important;content-visibility:visible!important;zoom:1!important;interactivity:auto!important;--b:Canvas;--c:CanvasText;--a:#14529c;--o:#fff;--e:#a8071a;--bg:var(--curfew-warning-background,var(--b));--fg:var(--curfew-warning-color,var(--c));--ac:var(--curfew-warning-accent,var(--a));--on:var(--curfew-warning-on-accent,var(--o));--er:var(--curfew-warning-error,var(--e));--r:var(--curfew-warning-radius,.5em)}
@supports(color:light-dark(red,red)){:host{--b:light-dark(#fff,#1b1f24);--c:light-dark(#16191d,#eceff2);--a:light-dark(#14529c,#a5c8ff);--o:light-dark(#fff,#0b1f38);--e:light-dark(#a8071a,#ffb4ab)}}
dialog,section,[part=done]{box-sizing:border-box;inset:0;margin:auto;inline-size:fit-content;max-inline-size:min(30em,100%);block-size:fit-content;max-block-size:100dvb;overflow:auto;padding:1.5em;color:var(--fg);background:var(--bg);border:1px solid var(--curfew-warning-border,#80868b);border-radius:var(--r);box-shadow:0 .5em 2em rgb(0 0 0/.25);overflow-wrap:anywhere;text-indent:0;text-transform:none;white-space:normal;-webkit-text-fill-color:currentColor}
section{position:fixed;z-index:2147483647;margin-block:auto 1em;margin-inline:auto 1em}
section[data-start]{margin-block:1em auto}
dialog::backdrop{background:var(--curfew-warning-backdrop,rgb(0 0 0/.55))}
dialog[closedby=none]::backdrop{background:Canvas}
h2,p{margin:0 0 .75em}
h2{font-size:1.375em;line-height:1.25;outline:0}
p:empty{margin:0}
[part=brand]{display:flex;align-items:center;gap:.5em}
[part=kept]{font-size:1.125em}
[part=brand],[part=kept],[part=countdown],[part=error]{font-weight:600}
[part=more]{display:none}
[part=countdown]{font-variant-numeric:tabular-nums}
[part=error]{color:var(--er)}
[part=actions]{display:flex;flex-wrap:wrap;gap:1.5em;padding-block:.25em}
button,a{box-sizing:border-box;flex:1 0 auto;max-inline-size:100%;min-block-size:44px;scroll-margin:.5em;padding:.5em 1.25em;border:1px solid var(--ac);border-radius:calc(var(--r)*.75);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;color:var(--ac);background:transparent}
[part=primary]{color:var(--on);background:var(--ac)}
:is(button,a):hover{text-decoration:underline}
:is(button,a):focus-visible{outline:3px solid var(--ac);outline-offset:2px}
[aria-disabled=true]{cursor:progress}
[hidden]{display:none}
[part=done]{position:fixed;inset:auto 1em 1em;padding:.5em 1em;pointer-events:none;z-index:2147483647}
[part=live],[part=left],[part=done]:empty{position:absolute;inline-size:1px;block-size:1px;padding:0;border:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(max-width:40em),(max-height:30em){dialog,section{padding:1em}button,a{padding-inline:.75em}section{margin-block:auto 0;margin-inline:auto}section[data-start]{margin-block:0 auto}
[part=more]{display:block;flex:none}dialog [part=more]{display:none}
section:not([data-open]){inline-size:100%;max-inline-size:100%;padding:.25em .75em;max-block-size:25dvb}
section:not([data-open])>div{display:flex;align-items:center;gap:.75em}
section:not([data-open]) h2{flex:1;margin:0;font-size:1em}
section:not([data-open]) :is([part=brand],[part=kept],[part=message],[part=actions]){display:none}
section:not([data-open]) [part=countdown]{margin:0}}
@media(max-width:26em){section:not([data-open]) [part=countdown]{display:none}}
@media(max-height:30em)and (min-height:14em){[part=actions]{position:sticky;inset-block-end:-1em;margin-block-end:-1em;padding-block:.5em 1em;background:var(--bg)}}
@media(prefers-reduced-transparency:reduce),(prefers-contrast:more){dialog::backdrop{background:var(--curfew-warning-backdrop,Canvas)}}
@media(prefers-contrast:more){dialog,section{border:2px solid CanvasText;box-shadow:none}}
@media(forced-colors:active){button,a{color:ButtonText;border-color:ButtonText;forced-color-adjust:none}[part=primary]{color:HighlightText;background:Highlight;border-color:Highlight}:is(button,a):focus-visible{outline-color:CanvasText}}
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
