"""Identifiers as OOAPI writes them, `{codeType, code}`, accepted wherever ours are; from then on they are ours."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shared.contracts.vocabulary import Contract, InstituteId, SiteId

BRIN = ("brin",)
OWN = ("identifier", "studentNumber", "studielinkNumber", "systemId", "uuid")
"""Numbers that mean nothing outside the institute. Names of accounts, addresses and citizen service numbers are none."""


class Code(Contract):
    """An identifier of OOAPI."""

    code_type: Annotated[str, Field(alias="codeType", max_length=64)]
    code: Annotated[str, Field(min_length=1, max_length=64)]


def code_of(*types: str) -> Callable[[Any], Any]:
    """Takes the code out of an identifier of one of these types; what is none is left as it is."""

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        code = Code.model_validate(value)
        if code.code_type not in types:
            raise ValueError(f"deze codeType kan hier niet; wel: {', '.join(types)}")
        return code.code

    return read


Own = BeforeValidator(code_of(*OWN), json_schema_input_type=str | Code)
InstituteCode = Annotated[InstituteId, BeforeValidator(code_of(*BRIN), json_schema_input_type=InstituteId | Code)]
SiteCode = Annotated[SiteId, BeforeValidator(code_of(*BRIN), json_schema_input_type=SiteId | Code)]
