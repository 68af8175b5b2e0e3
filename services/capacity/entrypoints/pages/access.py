"""Which page is for whom: the rule of every page of the portal, in one list. A page that is not in it is for nobody."""

from shared.security.roles import (
    CHANGE_PEOPLE,
    CHANGE_REGION,
    CHANGE_SITE,
    DECIDE,
    GIVE_ACCESS,
    READ_GROUP,
    READ_LOG,
    READ_PEOPLE,
    READ_REGION,
    READ_SITE,
    READ_STUDENTS,
)
from shared.web.viewing import PUBLIC, SIGNED_IN, PageRule, Rules

SITE = "/vestigingen/{code}"
PERSON = SITE + "/begeleiders/{supervisor}"
STUDENT = SITE + "/studenten/{student}"
REGION = "/regios/{region}"
READS = {
    "begeleiders": "Lijst van begeleiders",
    "begeleider": "Gegevens van een begeleider",
    "studenten": "Lijst van studenten",
    "student": "Voorstel voor een student",
    "bestand": "Bestand opgehaald",
    "inzageverzoek": "Alle gegevens van een begeleider",
    "wijzigingen": "Lijst van wijzigingen",
}
"""What is logged as read, and how people read it."""

PORTAL: Rules = {
    ("GET", "/"): SIGNED_IN,
    ("GET", SITE): PageRule(READ_SITE),
    ("GET", SITE + "/nieuws"): PageRule(READ_SITE),
    ("POST", SITE + "/snel"): PageRule(CHANGE_PEOPLE),
    ("POST", SITE + "/klopt"): PageRule(CHANGE_SITE),
    ("GET", SITE + "/begeleiders"): PageRule(READ_PEOPLE, "begeleiders"),
    ("POST", SITE + "/begeleiders/zoek"): PageRule(READ_PEOPLE, "begeleiders"),
    ("GET", SITE + "/begeleiders/nieuw"): PageRule(CHANGE_PEOPLE),
    ("POST", SITE + "/begeleiders/nieuw"): PageRule(CHANGE_PEOPLE),
    ("GET", PERSON): PageRule(READ_PEOPLE, "begeleider", "supervisor"),
    ("POST", PERSON + "/gegevens"): PageRule(CHANGE_PEOPLE),
    ("POST", PERSON + "/afwezigheid"): PageRule(CHANGE_PEOPLE),
    ("POST", PERSON + "/terug"): PageRule(CHANGE_PEOPLE),
    ("POST", PERSON + "/vertrek"): PageRule(CHANGE_PEOPLE),
    ("POST", PERSON + "/blijft"): PageRule(CHANGE_PEOPLE),
    ("GET", SITE + "/leerwerkplekken"): PageRule(READ_SITE),
    ("GET", SITE + "/leerwerkplekken/nieuw"): PageRule(CHANGE_SITE),
    ("POST", SITE + "/leerwerkplekken/nieuw"): PageRule(CHANGE_SITE),
    ("GET", SITE + "/leerwerkplekken/{workplace}"): PageRule(READ_SITE),
    ("POST", SITE + "/leerwerkplekken/{workplace}"): PageRule(CHANGE_SITE),
    ("GET", SITE + "/studenten"): PageRule(READ_STUDENTS, "studenten"),
    ("GET", STUDENT + "/weigeren"): PageRule(READ_STUDENTS, "student", "student"),
    ("GET", STUDENT + "/gevolgen"): PageRule(READ_STUDENTS, "student", "student"),
    ("POST", STUDENT + "/aannemen"): PageRule(DECIDE),
    ("POST", STUDENT + "/weigeren"): PageRule(DECIDE),
    ("GET", SITE + "/bestanden"): PageRule(READ_SITE),
    ("GET", SITE + "/bestanden/{name}.csv"): PageRule(READ_PEOPLE, "bestand"),
    ("POST", SITE + "/bestanden/{name}"): PageRule(CHANGE_PEOPLE),
    ("GET", SITE + "/wijzigingen"): PageRule(READ_PEOPLE),
    ("POST", SITE + "/ongedaan"): PageRule(CHANGE_PEOPLE),
    ("GET", "/besturen/{group}"): PageRule(READ_GROUP),
    ("GET", REGION): PageRule(READ_REGION),
    ("GET", REGION + "/instellingen"): PageRule(READ_REGION),
    ("GET", REGION + "/instellingen/{name}"): PageRule(READ_REGION),
    ("POST", REGION + "/instellingen/{name}"): PageRule(CHANGE_REGION),
    ("GET", REGION + "/geschiedenis"): PageRule(READ_REGION),
    ("POST", REGION + "/meten"): PageRule(CHANGE_REGION),
    ("GET", REGION + "/besturen"): PageRule(READ_REGION),
    ("POST", REGION + "/besturen"): PageRule(CHANGE_REGION),
}
SIGN_IN: Rules = {
    ("GET", "/aanmelden"): PUBLIC,
    ("POST", "/aanmelden"): PUBLIC,
    ("GET", "/aanmelden/link"): PUBLIC,
    ("POST", "/aanmelden/link"): PUBLIC,
    ("GET", "/aanmelden/organisatie"): PUBLIC,
    ("GET", "/aanmelden/terug"): PUBLIC,
    ("POST", "/afmelden"): PUBLIC,
    ("GET", "/afgemeld"): PUBLIC,
    ("GET", "/afmelden/organisatie"): PUBLIC,
    ("GET", "/toegang"): SIGNED_IN,
    ("POST", "/toegang/rol"): SIGNED_IN,
    ("POST", "/toegang/overal"): SIGNED_IN,
    ("GET", "/door"): SIGNED_IN,
    ("GET", "/naar/{place}"): SIGNED_IN,
    ("GET", "/mensen"): PageRule(GIVE_ACCESS),
    ("POST", "/mensen"): PageRule(GIVE_ACCESS),
    ("POST", "/mensen/zoek"): PageRule(GIVE_ACCESS),
    ("POST", "/mensen/{person}/intrekken"): PageRule(GIVE_ACCESS),
    ("POST", "/mensen/{person}/opnieuw"): PageRule(GIVE_ACCESS),
    ("GET", "/inzage"): PageRule(READ_LOG),
}
"""Only where people sign in."""
