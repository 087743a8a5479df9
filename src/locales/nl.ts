/** The words in Dutch. */
import type { Locale } from "../words/locale.js";

export const nl: Locale = {
  tag: "nl",
  words: {
    "idle.title": "U wordt binnenkort uitgelogd",
    "idle.body": "Voor uw veiligheid loggen we u om {clock} uur uit.",
    "idle.primary": "Ingelogd blijven",
    "idle.secondary": "Nu uitloggen",
    "idle.live": "{duration} tot het uitloggen. Druk op Escape om ingelogd te blijven.",
    "absolute.title": "U moet binnenkort opnieuw inloggen",
    "absolute.body":
      "Voor uw veiligheid moet iedereen na enige tijd opnieuw inloggen. Voor u is dat om {clock} uur.",
    "absolute.unextendable":
      "We kunnen u op deze pagina niet langer ingelogd houden. U wordt om {clock} uur uitgelogd.",
    "absolute.save": "Nu opslaan",
    "absolute.saving": "Opslaan…",
    "absolute.saved": "Uw werk is opgeslagen.",
    "absolute.saveFailed": "We konden uw werk niet opslaan. Probeer het opnieuw.",
    "absolute.link": "Nu opnieuw inloggen",
    "absolute.secondary": "Sluiten",
    "absolute.live": "{duration}, dan moet u opnieuw inloggen.",
    "unconfirmed.title": "We kunnen niet nagaan of u bent ingelogd",
    "unconfirmed.body": "De pagina is afgedekt tot we het weten. Wat u hebt geschreven, staat er nog.",
    "unconfirmed.primary": "Opnieuw nagaan",
    "ended.title": "We hebben u uitgelogd",
    "ended.left": "U bent uitgelogd",
    "ended.idle": "U hebt deze pagina een tijdje niet gebruikt. Zo blijven uw gegevens veilig.",
    "ended.absolute": "Voor uw veiligheid moet iedereen na enige tijd opnieuw inloggen.",
    "ended.signed-out": "U hebt uitgelogd.",
    "ended.revoked":
      "Iemand die deze dienst beheert heeft u uitgelogd, of u hebt dat ergens anders zelf gedaan.",
    "ended.replaced": "Er is in deze browser opnieuw ingelogd.",
    "ended.newTab":
      "Log opnieuw in op een nieuw tabblad en kom dan terug: deze pagina is zoals u haar hebt achtergelaten.",
    "ended.link": "Opnieuw inloggen",
    "work.saved": "Uw werk is opgeslagen.",
    "work.notSaved": "Werk dat u niet hebt opgeslagen, gaat verloren.",
    "tabTitle.left": "Minder dan {duration} over – {title}",
    "tabTitle.ended": "Uitgelogd – {title}",
    countdown: "Resterende tijd: {duration}",
    moments: "enkele seconden",
    pending: "Controleren…",
    extended: "U bent nog ingelogd.",
    failed: "We konden u niet ingelogd houden. Probeer het opnieuw.",
    endFailed: "We konden u niet uitloggen. Probeer het opnieuw.",
    offline: "U bent offline. We proberen het opnieuw.",
  },
  notice: {
    idle: "Als u {limit} lang niets doet, loggen we u uit.",
    absolute: "Voor uw veiligheid moet iedereen na {limit} opnieuw inloggen.",
  },
};
