"""The words of the page on which people choose how they hear, in the language in which they are written to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.notifier.domain.contacts import Language, Wish


@dataclass(frozen=True, slots=True)
class WishWords:
    """`general` has for each wish its name and what it means; `of_kind` what may be chosen for one kind (None: as in general)."""

    title: str
    lead: str
    holds_for: str
    saved: str
    saved_why: str
    not_saved: str
    in_general: str
    general: Mapping[Wish, tuple[str, str]]
    per_kind: str
    per_kind_hint: str
    choice: str
    of_kind: Mapping[Wish | None, str]
    quiet: str
    quiet_hint: str
    quiet_from: str
    quiet_until: str
    half_quiet: str
    language: str
    languages: Mapping[Language, str]
    weekly_title: str
    weekly: str
    save: str
    back: str


DUTCH = WishWords(
    title="Kies zelf wat u wanneer hoort",
    lead=(
        "Wat bij uw rol hoort, krijgt u altijd: meteen of in het overzicht. Alleen wat u hoeft te weten en niet hoeft te doen, "
        "mag u weglaten: een voorstel, een andere plek, een plaatsing die vaststaat."
    ),
    holds_for="Dit geldt voor u als {roles}.",
    saved="Opgeslagen",
    saved_why="Wat u koos geldt vanaf het volgende bericht.",
    not_saved="Er is nog niets opgeslagen",
    in_general="In het algemeen",
    general={
        Wish.IMMEDIATE: ("Meteen als het dringend is", "De rest komt op schooldagen om 8 uur in één overzicht."),
        Wish.DIGEST: ("Alles in één overzicht", "Op schooldagen om 8 uur, ook wat dringend is."),
    },
    per_kind="Per soort melding",
    per_kind_hint="Wilt u een soort anders horen? Kies dat hier.",
    choice="Hoe u het hoort",
    of_kind={
        None: "zoals hierboven",
        Wish.IMMEDIATE: "altijd meteen",
        Wish.DIGEST: "in het overzicht",
        Wish.NONE: "niet",
    },
    quiet="Stille uren",
    quiet_hint="Dan krijgt u niets. Wat dringend is, komt zodra ze voorbij zijn. Laat beide leeg als u geen stille uren wilt.",
    quiet_from="Vanaf",
    quiet_until="Tot",
    half_quiet="Vul bij de stille uren twee tijden in, of laat beide leeg.",
    language="Taal van uw berichten",
    languages={Language.DUTCH: "Nederlands", Language.ENGLISH: "Engels (English)"},
    weekly_title="Weekoverzicht",
    weekly="Stuur mij elke week het overzicht van de regio",
    save="Opslaan",
    back="Terug naar waarvan u hoort",
)

ENGLISH = WishWords(
    title="Choose what you hear of, and when",
    lead=(
        "You always get what belongs to your role: at once or in the overview. Only what you need to know and need not act on may be "
        "left out: a proposal, another place, a placement that is settled."
    ),
    holds_for="This holds for you as {roles}.",
    saved="Saved",
    saved_why="What you chose holds from the next message on.",
    not_saved="Nothing has been saved yet",
    in_general="In general",
    general={
        Wish.IMMEDIATE: ("At once when it is urgent", "The rest comes in one overview at 8 o'clock on school days."),
        Wish.DIGEST: ("Everything in one overview", "At 8 o'clock on school days, also what is urgent."),
    },
    per_kind="For each kind of alert",
    per_kind_hint="Would you like to hear of a kind in another way? Choose it here.",
    choice="How you hear of it",
    of_kind={
        None: "as above",
        Wish.IMMEDIATE: "always at once",
        Wish.DIGEST: "in the overview",
        Wish.NONE: "not at all",
    },
    quiet="Quiet hours",
    quiet_hint="Nothing comes then. What is urgent comes as soon as they are over. Leave both empty if you want no quiet hours.",
    quiet_from="From",
    quiet_until="Until",
    half_quiet="Fill in two times for the quiet hours, or leave both empty.",
    language="Language of your messages",
    languages={Language.DUTCH: "Dutch (Nederlands)", Language.ENGLISH: "English"},
    weekly_title="The week",
    weekly="Send me the overview of the region every week",
    save="Save",
    back="Back to what you hear of",
)

OF_A_COLLEAGUE = replace(
    DUTCH,
    title="Wat er wanneer aankomt",
    lead=(
        "Wat bij een rol hoort, komt altijd: meteen of in het overzicht. Alleen wat iemand hoeft te weten en niet hoeft te doen, "
        "mag weg: een voorstel, een andere plek, een plaatsing die vaststaat."
    ),
    holds_for="Dit geldt voor deze persoon als {roles}.",
    saved_why="Dit geldt vanaf het volgende bericht.",
    per_kind_hint="Moet een soort anders aankomen? Kies dat hier.",
    choice="Hoe het aankomt",
    quiet_hint="Dan komt er niets. Wat dringend is, komt zodra ze voorbij zijn. Laat beide leeg als er geen stille uren zijn.",
    language="Taal van de berichten",
    weekly="Stuur elke week het overzicht van de regio",
    back="Terug naar deze persoon",
)
"""For who chooses for another."""
WISH_WORDS = {Language.DUTCH: DUTCH, Language.ENGLISH: ENGLISH}
