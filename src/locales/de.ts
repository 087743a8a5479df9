/** The words in German. */
import type { Locale } from "../words/locale.js";

export const de: Locale = {
  tag: "de",
  words: {
    "idle.title": "Sie werden bald abgemeldet",
    "idle.body": "Zu Ihrer Sicherheit melden wir Sie um {clock} Uhr ab.",
    "idle.primary": "Angemeldet bleiben",
    "idle.secondary": "Jetzt abmelden",
    "idle.live": "{duration} bis zur Abmeldung. Drücken Sie Escape, um angemeldet zu bleiben.",
    "absolute.title": "Sie müssen sich bald neu anmelden",
    "absolute.body":
      "Zu Ihrer Sicherheit müssen sich alle nach einiger Zeit neu anmelden. Bei Ihnen ist das um {clock} Uhr.",
    "absolute.unextendable":
      "Auf dieser Seite können wir Sie nicht länger angemeldet halten. Sie werden um {clock} Uhr abgemeldet.",
    "absolute.save": "Jetzt speichern",
    "absolute.saving": "Speichern …",
    "absolute.saved": "Ihre Arbeit ist gespeichert.",
    "absolute.saveFailed": "Wir konnten Ihre Arbeit nicht speichern. Versuchen Sie es noch einmal.",
    "absolute.link": "Jetzt neu anmelden",
    "absolute.secondary": "Schließen",
    "absolute.live": "{duration}, dann müssen Sie sich neu anmelden.",
    "unconfirmed.title": "Wir können nicht prüfen, ob Sie angemeldet sind",
    "unconfirmed.body": "Die Seite ist verdeckt, bis wir es wissen. Was Sie geschrieben haben, ist noch da.",
    "unconfirmed.primary": "Noch einmal prüfen",
    "ended.title": "Wir haben Sie abgemeldet",
    "ended.left": "Sie sind abgemeldet",
    "ended.idle": "Sie haben diese Seite eine Weile nicht benutzt. So bleiben Ihre Daten geschützt.",
    "ended.absolute": "Zu Ihrer Sicherheit müssen sich alle nach einiger Zeit neu anmelden.",
    "ended.signed-out": "Sie haben sich abgemeldet.",
    "ended.revoked":
      "Jemand, der diesen Dienst betreut, hat Sie abgemeldet, oder Sie haben es selbst an anderer Stelle getan.",
    "ended.replaced": "In diesem Browser gab es eine neue Anmeldung.",
    "ended.newTab":
      "Melden Sie sich in einem neuen Tab neu an und kommen Sie zurück: Diese Seite ist, wie Sie sie verlassen haben.",
    "ended.link": "Neu anmelden",
    "work.saved": "Ihre Arbeit ist gespeichert.",
    "work.notSaved": "Nicht gespeicherte Arbeit geht verloren.",
    "tabTitle.left": "Weniger als {duration} übrig – {title}",
    "tabTitle.ended": "Abgemeldet – {title}",
    countdown: "Verbleibende Zeit: {duration}",
    moments: "wenige Sekunden",
    pending: "Wird geprüft …",
    extended: "Sie sind weiterhin angemeldet.",
    failed: "Wir konnten Sie nicht angemeldet halten. Versuchen Sie es noch einmal.",
    endFailed: "Wir konnten Sie nicht abmelden. Versuchen Sie es noch einmal.",
    offline: "Sie sind offline. Wir versuchen es wieder.",
  },
  notice: {
    idle: "Wenn Sie {limit} lang nichts tun, melden wir Sie ab.",
    absolute: "Zu Ihrer Sicherheit müssen sich alle nach dieser Zeit neu anmelden: {limit}.",
  },
};
