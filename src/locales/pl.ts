/** The words in Polish. */
import type { Locale } from "../words/locale.js";

export const pl: Locale = {
  tag: "pl",
  words: {
    "idle.title": "Wkrótce nastąpi wylogowanie",
    "idle.body": "Dla Twojego bezpieczeństwa wylogujemy Cię o godzinie {clock}.",
    "idle.primary": "Nie wylogowuj",
    "idle.secondary": "Wyloguj teraz",
    "idle.live": "{duration} do wylogowania. Naciśnij Escape, aby zachować dostęp.",
    "absolute.title": "Wkrótce trzeba będzie zalogować się ponownie",
    "absolute.body":
      "Dla bezpieczeństwa każdy musi po pewnym czasie zalogować się ponownie. U Ciebie stanie się to o godzinie {clock}.",
    "absolute.unextendable":
      "Na tej stronie nie możemy już przedłużyć Twojego dostępu. Wylogujemy Cię o godzinie {clock}.",
    "absolute.save": "Zapisz teraz",
    "absolute.saving": "Zapisywanie…",
    "absolute.saved": "Twoja praca jest zapisana.",
    "absolute.saveFailed": "Nie udało się zapisać Twojej pracy. Spróbuj ponownie.",
    "absolute.link": "Zaloguj się ponownie teraz",
    "absolute.secondary": "Zamknij",
    "absolute.live": "{duration}, potem trzeba zalogować się ponownie.",
    "unconfirmed.title": "Nie możemy sprawdzić, czy nadal masz dostęp",
    "unconfirmed.body": "Strona jest zasłonięta, dopóki tego nie wiemy. Twój tekst nadal tu jest.",
    "unconfirmed.primary": "Sprawdź ponownie",
    "ended.title": "Wylogowaliśmy Cię",
    "ended.left": "Nastąpiło wylogowanie",
    "ended.idle": "Ta strona nie była używana przez jakiś czas. Tak chronimy Twoje dane.",
    "ended.absolute": "Dla bezpieczeństwa każdy musi po pewnym czasie zalogować się ponownie.",
    "ended.signed-out": "Wylogowanie na Twoje życzenie.",
    "ended.revoked":
      "Wylogowała Cię osoba opiekująca się tą usługą albo wylogowanie nastąpiło z Twojej strony w innym miejscu.",
    "ended.replaced": "W tej przeglądarce nastąpiło nowe logowanie.",
    "ended.newTab": "Zaloguj się ponownie na nowej karcie i wróć tutaj: ta strona jest taka, jak przedtem.",
    "ended.link": "Zaloguj się ponownie",
    "work.saved": "Twoja praca jest zapisana.",
    "work.notSaved": "Niezapisana praca zostanie utracona.",
    "tabTitle.left": "Pozostało mniej niż {duration} – {title}",
    "tabTitle.ended": "Wylogowano – {title}",
    countdown: "Pozostały czas: {duration}",
    moments: "kilka sekund",
    pending: "Sprawdzamy…",
    extended: "Nadal masz dostęp do konta.",
    failed: "Nie udało się przedłużyć Twojego dostępu. Spróbuj ponownie.",
    endFailed: "Nie udało się wylogować. Spróbuj ponownie.",
    offline: "Brak połączenia z internetem. Spróbujemy ponownie.",
  },
  notice: {
    idle: "Najdłuższa przerwa bez żadnej czynności: {limit}. Potem Cię wylogujemy.",
    absolute: "Najdłuższy czas do ponownego logowania: {limit}.",
  },
};
