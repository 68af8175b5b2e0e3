"""Every page of the portal by name, for tests that look at each."""

from tests.support.portal_world import PAGE, Portal, student

REGION_PAGE = "/regios/NL-T01"


def every_page(portal: Portal) -> dict[str, str]:
    """Where each page is."""
    away, there = portal.people["Joris van den Berg"], portal.people["Aylin Yilmaz"]
    return {
        "kiezen": "/",
        "niets gevonden": "/?zoek=kasteel",
        "stijl": "/stijl",
        "vandaag": PAGE,
        "bewaard": f"{PAGE}?wat=supervisor/{away}&versie=2",
        "begeleiders": f"{PAGE}/begeleiders",
        "begeleider nieuw": f"{PAGE}/begeleiders/nieuw",
        "begeleider afwezig": f"{PAGE}/begeleiders/{away}",
        "begeleider aanwezig": f"{PAGE}/begeleiders/{there}",
        "eigen gegevens": f"{PAGE}/begeleiders/{there}/inzage",
        "wissen": f"{PAGE}/begeleiders/{portal.people['Fatima el Amrani']}/wissen",
        "plekken": f"{PAGE}/leerwerkplekken",
        "plek nieuw": f"{PAGE}/leerwerkplekken/nieuw",
        "studenten": f"{PAGE}/studenten",
        "wat het plan deed": f"{PAGE}/nieuws?wat=supervisor/{away}&versie=2",
        "gevolgen": f"{PAGE}/studenten/{student(101)}/gevolgen",
        "weigeren": f"{PAGE}/studenten/{student(101)}/weigeren",
        "aanbod weigeren": f"{PAGE}/studenten/{student(606)}/weigeren?aanbod=1",
        "bestanden": f"{PAGE}/bestanden",
        "logboek": f"{PAGE}/wijzigingen",
        "bestuur": "/besturen/41234",
        "regio": REGION_PAGE,
        "besturen van de regio": f"{REGION_PAGE}/besturen",
        "instellingen": f"{REGION_PAGE}/instellingen",
        **{
            each: f"{REGION_PAGE}/instellingen/{each}"
            for each in ("periodes", "normen", "vakken", "hefbomen", "kosten", "eerlijk")
        },
        "logboek regio": f"{REGION_PAGE}/geschiedenis",
        "bestaat niet": "/nergens",
    }
