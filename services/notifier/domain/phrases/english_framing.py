"""English: the sentences around what is told."""

from services.notifier.domain.alerts import Level, News
from services.notifier.domain.contacts import Role
from services.notifier.domain.doors import Behind
from services.notifier.domain.phrases import english_places
from services.notifier.domain.phrases.shape import Counted, Framing, Parting

_FIND_BY_CODE = (
    "Which student is this? There are no names in a message. Mention the short code and the number when you call or "
    "write. The institute can find out with them who it is."
)
_FIND_AT_INSTITUTE = (
    "Which student is this? There are no names in a message. With each student there is a short code and the whole "
    "number in Leerplek. Your institute's system was given that number at registration. Find the student there by the "
    "number. Is it not there? Ask your administrator to fetch the registration with this number from Leerplek. It also "
    "has the reference that your institute gave."
)


FRAMING = Framing(
    today="today ({date})",
    before="before {date}",
    arrange="Please arrange what follows {when}.",
    preferably="Preferably {when}.",
    advice="What you can do:",
    nothing_to_do=english_places.NOTHING,
    you_reported=f"{english_places.NOTHING} The other party was asked to act. The talk that is proposed is for you too.",
    preview="What you can do, preferably {when}.",
    levers=Counted(
        "This measure is enough on its own, and nobody else gets another place by it: {levers}.",
        "Each of these measures is enough on its own, and nobody else gets another place by it: {levers}.",
    ),
    levers_some=Counted(
        "This measure helps one of them at least, and nobody else gets another place by it: {levers}.",
        "Each of these measures helps one of them at least, and nobody else gets another place by it: {levers}.",
    ),
    helps_some="{lever}, for {count} of the {of} students that were calculated",
    also_asked="Also asked: {roles}.",
    number="Number in Leerplek: {number}",
    call="Call {who}: {phone}.",
    call_by_mail="Write to {who}: {email}.",
    name_and_role="{name}, {role}",
    nobody_to_call="Nobody is known yet to discuss this with. There is no {role} registered.",
    questions="Questions? {call}",
    the_role="the {role}",
    somebody="somebody",
    somebody_of="somebody at {organisation}",
    taken_on="{who} took this on, on {date}.",
    stands_in="Nobody can be reached as {role} now. That is why you get this message.",
    replaces="You get this in the place of a colleague: {role}.",
    escalated="This first went to: {roles}. Nobody said that they take it on. That is why you get it now.",
    hides=Counted(
        "About 1 student you therefore get no separate message.",
        "About {count} students you therefore get no separate message.",
    ),
    because="You receive this because you are registered in Leerplek as {role}.",
    and_last="{others} and {last}",
    automatic="This message was made automatically. Your answer does not arrive.",
    news={
        News.RAISED: "",
        News.WORSENED: "This has got worse.",
        News.REMINDER: "Reminder: this is still open.",
        News.ESCALATED: "Nobody has taken this on yet.",
        News.HANDED_OVER: "This was handed over to you.",
        News.RELEASED: "Whoever took this on is no longer in Leerplek. It is still open.",
        News.RESTLESS: "This has come and gone several times this week.",
        News.CLEARED: "This is solved.",
    },
    solved="This is solved. You do not have to do anything.",
    sections={
        Level.CRITICAL: "Arrange this first",
        Level.WARNING: "Please note",
        Level.INFO: "For your information",
    },
    section_solved="Solved",
    and_more=Counted("And 1 more. It is in Leerplek.", "And {count} more. They are in Leerplek."),
    in_short=Counted("And 1 more, in short:", "And {count} more, in short:"),
    page="See this message in Leerplek",
    all_pages="See all alerts",
    text_page="This message is also at {link}",
    text_all_pages="All alerts are at {link}",
    doors={
        Behind.STUDENT: "See this student in Leerplek",
        Behind.STUDENTS: "See the students at your school in Leerplek",
        Behind.SUPERVISOR: "See this supervisor in Leerplek",
        Behind.SUPERVISORS: "See the supervisors of your school in Leerplek",
        Behind.WORKPLACES: "See the workplaces of your school in Leerplek",
        Behind.REGION: "See your region in Leerplek",
        Behind.HEARERS: "See who hears of what there",
        Behind.ALERT: "See this alert in Leerplek",
    },
    whole="See this message with what you can do",
    answer="Tell us what you do",
    answering="Do you take this on, do you want a reminder later, or is this for somebody else?",
    calmer="Rather one overview a day?",
    wishes="Choose what you hear of, and when:",
    finding_guide=(
        "Which supervisor is this? Names are not in a message. The school trainer finds the supervisor in Leerplek by the code, "
        "on the page of supervisors."
    ),
    finding={
        Role.INSTITUTE_COORDINATOR: _FIND_AT_INSTITUTE,
        Role.INSTITUTE_TRAINER: _FIND_AT_INSTITUTE,
        Role.SCHOOL_TRAINER: _FIND_BY_CODE,
        Role.SCHOOL_LEADER: _FIND_BY_CODE,
        Role.PROGRAMME_MANAGER: _FIND_BY_CODE,
        Role.OPERATOR: _FIND_BY_CODE,
    },
    meeting=(
        "Proposal for a talk of student, institute and school: {moment}, at {place}. It comes with this message as an "
        "appointment. Does that not suit you? Choose another time together."
    ),
    meeting_title="Proposal: talk about student {code}",
    meeting_about=(
        "Student, institute and school discuss what does not fit, and what can be different. Does this time not suit you? "
        "Move the appointment in your calendar. Number in Leerplek: {number}"
    ),
    digest_subject="Overview by Leerplek",
    digest_opening=Counted("There is 1 thing that you should know.", "There are {count} things that you should know."),
    digest_urgent=Counted("One of them cannot wait.", "{count} of them cannot wait."),
    overflow_subject="More alerts by Leerplek",
    overflow_opening=Counted(
        "You got many messages today. That is why 1 more alert is in this message, in short.",
        "You got many messages today. That is why {count} other alerts are in this message, in short.",
    ),
)

PARTING = Parting(
    changed_subject="Your address in Leerplek was changed",
    changed=(
        "You were in Leerplek with this address as {role}. On {moment} it was changed to another address. At this address "
        "you get no more messages for that role."
    ),
    removed_subject="You were taken out of a role in Leerplek",
    removed=(
        "You were in Leerplek with this address as {role}. On {moment} you were taken out. You get no more messages for "
        "that role."
    ),
    right="Is this right? Then there is nothing for you to do.",
    wrong=(
        "Is this not right? Ask a colleague to put it right, under “Wie hoort wat” in Leerplek. Leerplek keeps who "
        "changed this."
    ),
    because="You get this once, because you were in Leerplek with this address.",
)
