"""The words of the page on which people say until when they are away, in the language in which they are written to."""

from dataclasses import dataclass, replace

from services.notifier.domain.contacts import Language


@dataclass(frozen=True, slots=True)
class AwayWords:
    """`is_away` names from when until when somebody is away now; `nobody` is that no colleague stands in; `too_far` names how
    many days ahead the last day may be.
    """

    title: str
    lead: str
    holds_for: str
    is_away: str
    first: str
    last: str
    stands_in: str
    stands_in_hint: str
    nobody: str
    save: str
    back_again: str
    saved: str
    saved_why: str
    not_saved: str
    no_day: str
    too_far: str
    back: str


DUTCH = AwayWords(
    title="Ik ben afwezig",
    lead="Vul in van wanneer tot wanneer. Een reden vragen we niet. Uw berichten gaan die dagen naar wie u vervangt.",
    holds_for="Dit geldt voor u als {roles}.",
    is_away="U staat als afwezig van {start} tot en met {until}.",
    first="Eerste dag",
    last="Laatste dag",
    stands_in="Wie vervangt u?",
    stands_in_hint="Iemand van uw eigen organisatie. Kiest u niemand, dan hoort een ander met dezelfde rol het. Is die er niet, dan hoort de rol die daarna komt het.",
    nobody="Niemand",
    save="Afwezigheid opslaan",
    back_again="Ik ben er weer",
    saved="Opgeslagen",
    saved_why="Dit geldt vanaf het volgende bericht.",
    not_saved="Er is nog niets opgeslagen",
    no_day="Vul een eerste en een laatste dag in, bijvoorbeeld 24-11-2026.",
    too_far="De laatste dag is hooguit {days} dagen vooruit. Blijft u langer weg? Vul dat dan later in.",
    back="Terug naar waarvan u hoort",
)
ENGLISH = AwayWords(
    title="I am away",
    lead="Fill in from when until when. We ask no reason. On those days your messages go to whoever stands in for you.",
    holds_for="This holds for you as {roles}.",
    is_away="You are registered as away from {start} until {until}, that day too.",
    first="First day",
    last="Last day",
    stands_in="Who stands in for you?",
    stands_in_hint="Somebody of your own organisation. If you choose nobody, another with the same role hears, or the next role.",
    nobody="Nobody",
    save="Save",
    back_again="I am back",
    saved="Saved",
    saved_why="This holds from the next message on.",
    not_saved="Nothing has been saved yet",
    no_day="Fill in a first and a last day, such as 24-11-2026.",
    too_far="The last day is at most {days} days ahead. Are you away for longer? Then fill that in later.",
    back="Back to what you hear of",
)
OF_A_COLLEAGUE = replace(
    DUTCH,
    title="Afwezig",
    lead="Vul in van wanneer tot wanneer. Een reden vragen we niet. De berichten gaan die dagen naar de vervanger.",
    holds_for="Dit geldt voor deze persoon als {roles}.",
    is_away="Deze persoon staat als afwezig van {start} tot en met {until}.",
    stands_in="Wie vervangt deze persoon?",
    stands_in_hint=(
        "Iemand van dezelfde organisatie. Kiest u niemand, dan hoort een ander met dezelfde rol het. Is die er niet, dan hoort de "
        "rol die daarna komt het."
    ),
    back_again="Deze persoon is er weer",
    too_far="De laatste dag is hooguit {days} dagen vooruit. Blijft iemand langer weg? Vul dat dan later in.",
    back="Terug naar deze persoon",
)
"""For who fills it in for another."""
AWAY_WORDS = {Language.DUTCH: DUTCH, Language.ENGLISH: ENGLISH}
