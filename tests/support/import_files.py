"""Files as institutes send them."""

from collections.abc import Iterator

HEADER = "kenmerk;opleiding;leerroute;fase;ondersteuningsklasse;sector;vak;breedtegraad;lengtegraad;perioden"
ROW = "{reference};01VU;voltijd;wpl1;1;vo;{subject};52,1;5,1;2026-S1"


def row(reference: str, subject: str = "wiskunde") -> str:
    """A row that is right for the region of the tests."""
    return ROW.format(reference=reference, subject=subject)


def file_of(*rows: str, header: str = HEADER, ending: str = "\r\n") -> bytes:
    """A file of these rows."""
    return ending.join((header, *rows, "")).encode()


def large_file(rows: int, period: str = "2026-S1", institute: str = "01VU") -> Iterator[bytes]:
    """A file of so many rows as it leaves an institute's system, in pieces; one row in a hundred is wrong."""
    yield (HEADER + ";wensen;dagen\r\n").encode()
    for number in range(rows):
        lon = "5,1" if number % 100 else "oost"
        yield (
            f"st-{number:06};{institute};voltijd;wpl{number % 3 + 1};{number % 3 + 1};vo;wiskunde;"
            f"52,{number % 900 + 100};{lon};{period};01AB00 01AC0{number % 10};ma di do\r\n"
        ).encode()
