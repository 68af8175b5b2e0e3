"""Which page is for whom: the rule of every page for institutes, in one list. A page that is not in it is for nobody."""

from shared.security.roles import CHANGE_REGISTRATIONS, READ_REGISTRATIONS
from shared.web.viewing import PageRule, Rules

INSTITUTE = "/opleidingen/{institute}"
STUDENTS = INSTITUTE + "/studenten"
STUDENT = STUDENTS + "/{student}"
FILES = INSTITUTE + "/bestanden"
UPLOAD = "/inlezen"
"""A fixed address: files may be larger than other messages, and how large is told by address."""
READS = {
    "vandaag": "Wat er vandaag wacht",
    "studenten": "Lijst van studenten",
    "student": "Gegevens van een student",
    "bestand": "Ingelezen bestand",
    "inschrijvingen": "Lijst van inschrijvingen",
    "inschrijving": "Gegevens van een student",
    "inzageverzoek": "Alles over een student, voor een inzageverzoek",
    "mismatches": "Lijst van mismatches",
    "mismatch": "Mismatch van een student",
    "plaatsingen": "Lijst van plaatsingen",
    "plaatsing": "Plaats van een student",
}
"""What is logged as read, and how people read it."""

_LOOKS = PageRule(READ_REGISTRATIONS)
_CHANGES = PageRule(CHANGE_REGISTRATIONS)
_ABOUT_ONE = PageRule(READ_REGISTRATIONS, "student", "student")
RULES: Rules = {
    ("GET", "/"): _LOOKS,
    ("GET", INSTITUTE): PageRule(READ_REGISTRATIONS, "vandaag"),
    ("GET", STUDENTS): PageRule(READ_REGISTRATIONS, "studenten"),
    ("POST", STUDENTS + "/zoek"): PageRule(READ_REGISTRATIONS, "studenten"),
    ("GET", STUDENTS + "/nieuw"): _CHANGES,
    ("POST", STUDENTS + "/nieuw"): _CHANGES,
    ("GET", STUDENT): _ABOUT_ONE,
    ("GET", STUDENT + "/wijzigen"): PageRule(CHANGE_REGISTRATIONS, "student", "student"),
    ("POST", STUDENT + "/wijzigen"): _CHANGES,
    ("GET", STUDENT + "/uitleg"): _ABOUT_ONE,
    ("GET", STUDENT + "/nieuws"): _ABOUT_ONE,
    ("POST", STUDENT + "/bevestigen"): _CHANGES,
    ("GET", STUDENT + "/afwijzen"): _ABOUT_ONE,
    ("POST", STUDENT + "/afwijzen"): _CHANGES,
    ("GET", STUDENT + "/andere-plek"): _ABOUT_ONE,
    ("POST", STUDENT + "/andere-plek"): _CHANGES,
    ("GET", STUDENT + "/past-niet"): _ABOUT_ONE,
    ("POST", STUDENT + "/past-niet"): _CHANGES,
    ("POST", STUDENT + "/past-weer"): _CHANGES,
    ("GET", STUDENT + "/intrekken"): _ABOUT_ONE,
    ("POST", STUDENT + "/intrekken"): _CHANGES,
    ("GET", FILES): _LOOKS,
    ("GET", FILES + "/voorbeeld/{kind}.csv"): _LOOKS,
    ("GET", FILES + "/{file}"): PageRule(READ_REGISTRATIONS, "bestand"),
    ("GET", FILES + "/{file}/voortgang"): _LOOKS,
    ("GET", FILES + "/{file}/fouten.csv"): PageRule(READ_REGISTRATIONS, "bestand"),
    ("POST", UPLOAD): _CHANGES,
    ("GET", INSTITUTE + "/inzage"): _LOOKS,
}
