"""Files of schools, read and written: any bytes give rows or a reason, and no cell is calculated."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.capacity.entrypoints import csv_files
from services.capacity.entrypoints.csv_columns import OF_SUPERVISORS, OF_WORKPLACES, supervisor_rows, workplace_rows
from shared.csv_rows import clean
from shared.errors import DomainError
from tests.support.capacity import site


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=300)
    | st.tuples(st.sampled_from(["rol;naam;uren 2026-S1", "vak;fasen;plaatsen 2026-S1"]), st.text(max_size=300)).map(
        lambda file: "\n".join(file).encode("utf-8", "replace")
    )
)
def test_any_bytes_give_rows_or_a_reason(raw: bytes) -> None:
    for columns, read in ((OF_SUPERVISORS, supervisor_rows), (OF_WORKPLACES, workplace_rows)):
        try:
            rows = csv_files.read(raw, columns)
        except DomainError:
            continue
        good, wrong = read(rows, {"01AB00": site()}, "01AB00")
        assert {each.row for each in good} | {each.row for each in wrong} == {each.number for each in rows}


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=5))
def test_what_is_written_is_read_back(cells: list[str]) -> None:
    names = [f"k{number}" for number in range(len(cells))]
    columns = csv_files.Columns(["rol", *names], ["rol"], csv_files.HOURS)
    rows = (
        csv_files.read(csv_files.write(["rol", *names], [["wpb", *cells]]), columns)
        if not any(each.isdigit() for each in cells)
        else []
    )
    for row in rows:
        assert all(row.cells.get(name, "") == clean(cell) for name, cell in zip(names, cells, strict=True))


def test_a_cell_that_a_spreadsheet_would_calculate_is_made_harmless() -> None:
    written = csv_files.write(["rol", "naam"], [["wpb", "=1+1"]]).decode("utf-8-sig")
    assert "'=1+1" in written
    assert csv_files.read(written.encode(), OF_SUPERVISORS)[0].cells["naam"] == "=1+1"
