/** The words in Spanish. */
import type { Locale } from "../words/locale.js";

export const es: Locale = {
  tag: "es",
  words: {
    "idle.title": "Su sesión se cerrará pronto",
    "idle.body": "Por su seguridad, cerraremos su sesión (hora: {clock}).",
    "idle.primary": "Mantener la sesión",
    "idle.secondary": "Cerrar sesión ahora",
    "idle.confirmEnd": "Cerrar sesión y perder lo no guardado",
    "idle.live": "{duration} restantes. Pulse Esc para mantener la sesión.",
    "absolute.title": "Pronto tendrá que volver a iniciar sesión",
    "absolute.body":
      "Por su seguridad, todas las personas deben volver a iniciar sesión después de un tiempo. En su caso, a esta hora: {clock}.",
    "absolute.unextendable":
      "Ya no podemos mantener su sesión en esta página. Se cerrará a esta hora: {clock}.",
    "absolute.save": "Guardar ahora",
    "absolute.saving": "Guardando…",
    "absolute.saved": "Su trabajo está guardado.",
    "absolute.saveFailed": "No hemos podido guardar su trabajo. Inténtelo de nuevo.",
    "absolute.secondary": "Cerrar",
    "absolute.live": "{duration}; después tendrá que volver a iniciar sesión.",
    "unconfirmed.title": "No podemos comprobar si su sesión sigue abierta",
    "unconfirmed.body": "La página está oculta hasta que lo sepamos. Lo que ha escrito sigue aquí.",
    "unconfirmed.primary": "Comprobar de nuevo",
    "unconfirmed.reload": "Volver a cargar esta página",
    "ended.title": "Hemos cerrado su sesión",
    "ended.left": "Su sesión está cerrada",
    "ended.idle":
      "No ha usado esta página durante un rato. Para proteger su información, hemos cerrado su sesión.",
    "ended.absolute":
      "Por su seguridad, todas las personas deben volver a iniciar sesión después de un tiempo.",
    "ended.signed-out": "Usted cerró la sesión.",
    "ended.revoked": "Alguien que se ocupa de este servicio cerró su sesión, o lo hizo usted en otro lugar.",
    "ended.replaced": "Se inició otra sesión en este navegador.",
    "ended.newTab": "Inicie sesión en una pestaña nueva y después regrese.",
    "ended.kept": "Lo que ha escrito sigue en esta página.",
    "ended.link": "Volver a iniciar sesión",
    "ended.linkNewTab": "Iniciar sesión en una pestaña nueva",
    "work.saved": "Su trabajo está guardado.",
    "work.notSaved": "Lo que no haya guardado se perderá.",
    "tabTitle.left": "Queda menos de {duration} – {title}",
    "tabTitle.ended": "Sesión cerrada – {site}",
    countdown: "Tiempo restante: {duration}",
    more: "Más",
    moments: "unos segundos",
    pending: "Comprobando…",
    extended: "Su sesión sigue abierta.",
    failed: "No hemos podido mantener su sesión. Inténtelo de nuevo.",
    noGesture: "Pulse usted el botón: con una tecla, el ratón o un dedo.",
    endFailed: "No hemos podido cerrar su sesión. Inténtelo de nuevo.",
    unreachable: "Ahora no podemos conectar con este servicio. Lo intentaremos de nuevo.",
    offline: "No tiene conexión. Lo intentaremos de nuevo.",
  },
  notice: {
    idle: "Si no hace nada durante {limit}, cerraremos su sesión.",
    absolute:
      "Por su seguridad, todas las personas deben volver a iniciar sesión pasado este tiempo: {limit}.",
  },
};
