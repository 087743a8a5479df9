/** The words in French. */
import type { Locale } from "../words/locale.js";

export const fr: Locale = {
  tag: "fr",
  words: {
    "idle.title": "Nous allons bientôt vous déconnecter",
    "idle.body": "Pour votre sécurité, nous vous déconnecterons à {clock}.",
    "idle.primary": "Maintenir la connexion",
    "idle.secondary": "Se déconnecter",
    "idle.live": "{duration} avant la déconnexion. Appuyez sur Échap pour maintenir la connexion.",
    "absolute.title": "Vous devrez bientôt vous reconnecter",
    "absolute.body":
      "Pour votre sécurité, tout le monde doit se reconnecter après un certain temps. Pour vous, ce sera à {clock}.",
    "absolute.unextendable":
      "Nous ne pouvons plus maintenir votre connexion sur cette page. Nous vous déconnecterons à {clock}.",
    "absolute.save": "Sauvegarder",
    "absolute.saving": "Sauvegarde…",
    "absolute.saved": "Votre travail est sauvegardé.",
    "absolute.saveFailed": "Nous n’avons pas pu sauvegarder votre travail. Réessayez.",
    "absolute.link": "Se reconnecter maintenant",
    "absolute.secondary": "Fermer",
    "absolute.live": "{duration}, puis vous devrez vous reconnecter.",
    "unconfirmed.title": "Nous ne pouvons pas vérifier si votre connexion est encore valable",
    "unconfirmed.body":
      "La page est masquée jusqu’à ce que nous le sachions. Ce que vous avez écrit est toujours là.",
    "unconfirmed.primary": "Vérifier à nouveau",
    "ended.title": "Votre connexion a pris fin",
    "ended.left": "Déconnexion effectuée",
    "ended.idle": "Vous n’avez pas utilisé cette page depuis un moment. Cela protège vos informations.",
    "ended.absolute": "Pour votre sécurité, tout le monde doit se reconnecter après un certain temps.",
    "ended.signed-out": "Vous avez quitté votre compte.",
    "ended.revoked": "La déconnexion vient d’une personne qui gère ce service, ou de vous-même ailleurs.",
    "ended.replaced": "Une nouvelle connexion a eu lieu dans ce navigateur.",
    "ended.newTab":
      "Reconnectez-vous dans un nouvel onglet, puis revenez : cette page est telle que vous l’avez laissée.",
    "ended.link": "Se reconnecter",
    "work.saved": "Votre travail est sauvegardé.",
    "work.notSaved": "Le travail non sauvegardé sera perdu.",
    "tabTitle.left": "Reste moins de {duration} – {title}",
    "tabTitle.ended": "Connexion terminée – {title}",
    countdown: "Temps restant : {duration}",
    moments: "quelques secondes",
    pending: "Vérification…",
    extended: "Votre connexion est maintenue.",
    failed: "Nous n’avons pas pu maintenir votre connexion. Réessayez.",
    endFailed: "Nous n’avons pas pu vous déconnecter. Réessayez.",
    offline: "Vous êtes hors ligne. Nous allons réessayer.",
  },
  notice: {
    idle: "Si vous ne faites rien pendant {limit}, nous vous déconnecterons.",
    absolute: "Pour votre sécurité, tout le monde doit se reconnecter au bout de {limit}.",
  },
};
