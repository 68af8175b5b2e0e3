"""The words of the pages behind the links of a mail, in the language in which their reader is written to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.notifier.domain.alerts import AlertState
from services.notifier.domain.contacts import Language
from services.notifier.domain.phrases import PHRASES, Phrases
from services.notifier.domain.subscriptions import Pace, Why
from services.notifier.entrypoints.pages.words import ALERT_STATES, DONE, PACES, WHY
from services.notifier.handlers.answering import Deed


@dataclass(frozen=True, slots=True)
class LinkWords:
    """What these pages say beside what a mail says too (`phrases`)."""

    phrases: Phrases
    to_content: str
    footer: str
    saved: str
    about: str
    to_calendar: str
    all_of_them: str
    more: str
    over: str
    over_why: str
    nothing: str
    message: str
    acknowledge: str
    later: str
    until: str
    until_hint: str
    snooze: str
    not_mine: str
    give_to: str
    give_hint: str
    give: str
    somebody_gone: str
    signed_in: str
    on_pages: str
    given_to: str
    taken_on: str
    snoozed: str
    next_hears: str
    tomorrow: str
    in_days: str
    calm: str
    calm_done: str
    calm_done_why: str
    calm_is: str
    calm_is_why: str
    calm_ask: str
    calm_button: str
    calm_rest: str
    heard: str
    heard_columns: tuple[str, str, str]
    own_choice: str
    states: Mapping[AlertState, tuple[str, str]]
    done: Mapping[Deed, str]
    why: Mapping[Why, str]
    paces: Mapping[Pace, str]


DUTCH = LinkWords(
    phrases=PHRASES[Language.DUTCH],
    to_content="Naar de inhoud",
    footer="Leerplek helpt studenten aan een leerwerkplek met goede begeleiding.",
    saved="Opgeslagen",
    about="Bij het bericht “{subject}” van {moment}. U hoeft niet aan te melden: deze link is alleen voor u. Stuur hem niet door.",
    to_calendar="Zet het voorgestelde gesprek in uw agenda",
    all_of_them="Ik pak ze alle {count} op",
    more="Het bericht telt er nog {count} meer. U kunt ze hierboven samen oppakken.",
    over="Hier hoeft u niets meer mee",
    over_why="Deze meldingen zijn voorbij, of ze begonnen na dit bericht opnieuw. Dan kreeg u een nieuw bericht.",
    nothing="Bij dit bericht hoort geen melding waar u nog iets mee kunt doen.",
    message="Wat er in het bericht stond",
    acknowledge="Ik pak dit op",
    later="Later",
    until="Stel uit tot",
    until_hint="Tot dan hoort niemand er meer van, tenzij het erger wordt.",
    snooze="Uitstellen",
    not_mine="Niet voor mij",
    give_to="Geef de melding aan",
    give_hint="Alleen diegene hoort er daarna nog van.",
    give="Doorgeven",
    somebody_gone="iemand die niet meer in Leerplek staat",
    signed_in="iemand die was aangemeld",
    on_pages="iemand op de bladzijden ({name})",
    given_to="Doorgegeven aan {who}.",
    taken_on="Opgepakt door {who}, {moment}.",
    snoozed="Uitgesteld tot {date}.",
    next_hears="Pakt niemand het op, dan hoort de volgende het: {moment}.",
    tomorrow="morgen",
    in_days="over {count} dagen",
    calm="Eén overzicht per dag",
    calm_done="Geregeld",
    calm_done_why="U krijgt voortaan op schooldagen om 8 uur één overzicht, en geen losse berichten meer.",
    calm_is="Dit is al zo",
    calm_is_why="U krijgt op schooldagen om 8 uur één overzicht, en geen losse berichten.",
    calm_ask=(
        "Nu krijgt u een bericht zodra iets dringend is. Liever alles bij elkaar? Dan krijgt u op schooldagen om 8 uur één "
        "overzicht."
    ),
    calm_button="Stuur mij één overzicht per dag",
    calm_rest=(
        "Pakt niemand iets dringends op, dan hoort de volgende in uw organisatie of regio het nog wel. Helemaal geen bericht "
        "kan niet: deze meldingen horen bij uw rol. Bent u een tijd weg? Vul dat hieronder in. Is dit uw werk niet meer? Vraag een "
        "collega om u uit Leerplek te halen."
    ),
    heard="Hiervan hoort u, en waarom",
    heard_columns=("Melding", "Waarom", "Wanneer"),
    own_choice="zelf gekozen",
    states=ALERT_STATES,
    done=DONE,
    why=WHY,
    paces=PACES,
)

ENGLISH = LinkWords(
    phrases=PHRASES[Language.ENGLISH],
    to_content="To the content",
    footer="Leerplek helps students to find a place with good guidance.",
    saved="Saved",
    about="About the message “{subject}” of {moment}. You do not have to sign in: this link is for you alone. Do not forward it.",
    to_calendar="Put the proposed talk in your calendar",
    all_of_them="I take on all {count} of them",
    more="The message counts {count} more. You can take them on together above.",
    over="You need not do anything about these",
    over_why="These alerts are over, or they began anew after this message. Then you got a new message.",
    nothing="There is nothing in this message that you can still act on.",
    message="What the message said",
    acknowledge="I take this on",
    later="Later",
    until="Put off until",
    until_hint="Nobody hears of it before then, unless it gets worse.",
    snooze="Put off",
    not_mine="Not for me",
    give_to="Give the alert to",
    give_hint="From then on they alone hear of it.",
    give="Hand over",
    somebody_gone="somebody who is no longer in Leerplek",
    signed_in="somebody who was signed in",
    on_pages="somebody on the pages ({name})",
    given_to="Handed over to {who}.",
    taken_on="Taken on by {who}, {moment}.",
    snoozed="Put off until {date}.",
    next_hears="If nobody takes it on, the next role hears of it: {moment}.",
    tomorrow="tomorrow",
    in_days="in {count} days",
    calm="One summary a day",
    calm_done="Done",
    calm_done_why="From now on you get one summary at 8 o'clock on school days, and no single messages any more.",
    calm_is="This is so already",
    calm_is_why="You get one summary at 8 o'clock on school days, and no single messages.",
    calm_ask=(
        "Now you get a message as soon as something is urgent. Would you rather have all of it together? Then you get one summary "
        "at 8 o'clock on school days."
    ),
    calm_button="Send me one summary a day",
    calm_rest=(
        "If nobody takes on something urgent, the next in your organisation or region still hears of it. No messages at all is not "
        "possible: these alerts belong to your role. Are you away for a while? Say so below. Is this no longer your work? Ask a "
        "colleague to remove you from Leerplek."
    ),
    heard="What you hear of, and why",
    heard_columns=("Alert", "Why", "When"),
    own_choice="your own choice",
    states={
        AlertState.RAISED: ("being told", "info"),
        AlertState.WORSENED: ("got worse", "danger"),
        AlertState.MAILED: ("not taken on yet", "warn"),
        AlertState.INHIBITED: ("belongs to another alert", "quiet"),
        AlertState.ACKNOWLEDGED: ("taken on", "ok"),
        AlertState.ESCALATED: ("told to the next role", "danger"),
        AlertState.SNOOZED: ("put off", "info"),
        AlertState.CLEARED: ("solved", "ok"),
        AlertState.CLOSED: ("over", "quiet"),
    },
    done={
        Deed.ACKNOWLEDGE: "You have taken the alert on. No message goes to the next role, unless it gets worse.",
        Deed.SNOOZE: "The alert is put off. If it is not solved by then, you hear of it again.",
        Deed.HAND_OVER: "The alert is handed over. Only the person you gave it to hears of it from now on.",
    },
    why={
        Why.RESPONSIBLE: "belongs to your role",
        Why.NEXT: "when nobody takes it on, or somebody else cannot be reached",
    },
    paces={
        Pace.AT_ONCE_WHEN_CRITICAL: "at once when it is urgent, otherwise in the summary of 8 o'clock",
        Pace.AT_ONCE: "at once",
        Pace.DIGEST: "in the summary of 8 o'clock",
        Pace.NEVER: "not, at your own request",
    },
)
OF_A_COLLEAGUE = replace(
    DUTCH, why={**WHY, Why.RESPONSIBLE: "hoort bij de rol"}, heard="Welke meldingen, en waarom", own_choice="zo gekozen"
)
"""For who looks at the page of another."""
LINK_WORDS = {Language.DUTCH: DUTCH, Language.ENGLISH: ENGLISH}
