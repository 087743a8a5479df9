/** The words in Welsh. */
import type { Locale } from "../words/locale.js";

export const cy: Locale = {
  tag: "cy",
  words: {
    "idle.title": "Byddwch yn cael eich allgofnodi cyn hir",
    "idle.body": "Er eich diogelwch, byddwn yn eich allgofnodi am {clock}.",
    "idle.primary": "Aros wedi mewngofnodi",
    "idle.secondary": "Allgofnodi nawr",
    "idle.live": "{duration} ar ôl. Pwyswch Escape i aros wedi mewngofnodi.",
    "absolute.title": "Bydd angen i chi fewngofnodi eto cyn hir",
    "absolute.body":
      "Er diogelwch, rhaid i bawb fewngofnodi eto ar ôl peth amser. I chi, bydd hyn am {clock}.",
    "absolute.unextendable":
      "Ni allwn eich cadw wedi mewngofnodi ar y dudalen hon ddim hirach. Byddwch yn cael eich allgofnodi am {clock}.",
    "absolute.save": "Cadw nawr",
    "absolute.saving": "Yn cadw…",
    "absolute.saved": "Mae eich gwaith wedi’i gadw.",
    "absolute.saveFailed": "Nid oeddem yn gallu cadw eich gwaith. Rhowch gynnig arall arni.",
    "absolute.link": "Mewngofnodi eto nawr",
    "absolute.secondary": "Cau",
    "absolute.live": "{duration} ar ôl. Yna bydd angen i chi fewngofnodi eto.",
    "unconfirmed.title": "Ni allwn wirio a ydych wedi mewngofnodi",
    "unconfirmed.body":
      "Mae’r dudalen wedi’i gorchuddio nes y byddwn yn gwybod. Mae’r hyn a ysgrifennoch yma o hyd.",
    "unconfirmed.primary": "Gwirio eto",
    "ended.title": "Rydym wedi eich allgofnodi",
    "ended.left": "Rydych wedi allgofnodi",
    "ended.idle":
      "Nid ydych wedi defnyddio’r dudalen hon ers tro. Mae hyn yn cadw eich gwybodaeth yn ddiogel.",
    "ended.absolute": "Er diogelwch, rhaid i bawb fewngofnodi eto ar ôl peth amser.",
    "ended.signed-out": "Chi wnaeth allgofnodi.",
    "ended.revoked":
      "Mae rhywun sy’n gofalu am y gwasanaeth hwn wedi eich allgofnodi, neu gwnaethoch hynny yn rhywle arall.",
    "ended.replaced": "Bu mewngofnodi newydd yn y porwr hwn.",
    "ended.newTab":
      "Mewngofnodwch eto mewn tab newydd, yna dewch yn ôl: mae’r dudalen hon fel y gadawsoch hi.",
    "ended.link": "Mewngofnodi eto",
    "work.saved": "Mae eich gwaith wedi’i gadw.",
    "work.notSaved": "Bydd gwaith nad ydych wedi’i gadw yn cael ei golli.",
    "tabTitle.left": "Amser ar ôl: {duration} ar y mwyaf – {title}",
    "tabTitle.ended": "Wedi allgofnodi – {title}",
    countdown: "Amser ar ôl: {duration}",
    moments: "ychydig eiliadau",
    pending: "Yn gwirio…",
    extended: "Rydych wedi mewngofnodi o hyd.",
    failed: "Nid oeddem yn gallu eich cadw wedi mewngofnodi. Rhowch gynnig arall arni.",
    endFailed: "Nid oeddem yn gallu eich allgofnodi. Rhowch gynnig arall arni.",
    offline: "Rydych all-lein. Byddwn yn rhoi cynnig arall arni.",
  },
  notice: {
    idle: "Os na wnewch chi ddim am {limit}, byddwn yn eich allgofnodi.",
    absolute: "Er diogelwch, rhaid i bawb fewngofnodi eto ar ôl {limit}.",
  },
  units: {
    day: {
      zero: "{count} diwrnod",
      one: "{count} diwrnod",
      two: "{count} ddiwrnod",
      few: "{count} diwrnod",
      many: "{count} diwrnod",
      other: "{count} diwrnod",
    },
    hour: {
      zero: "{count} awr",
      one: "{count} awr",
      two: "{count} awr",
      few: "{count} awr",
      many: "{count} awr",
      other: "{count} awr",
    },
    minute: {
      zero: "{count} munud",
      one: "{count} munud",
      two: "{count} funud",
      few: "{count} munud",
      many: "{count} munud",
      other: "{count} munud",
    },
    second: {
      zero: "{count} eiliad",
      one: "{count} eiliad",
      two: "{count} eiliad",
      few: "{count} eiliad",
      many: "{count} eiliad",
      other: "{count} eiliad",
    },
  },
};
