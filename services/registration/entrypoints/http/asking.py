"""What the routes share: parameters that recur."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

from shared.runtime.http.commands import Write, precondition
from shared.runtime.http.paging import Paging, paging
from shared.runtime.identity import Caller, Role, allow
from shared.store import Part
from shared.vocabulary.codes import CountryCode, ThemeCode, listed

PathId = Annotated[str, Path(max_length=80, description="opaque id")]
ByCountry = Annotated[CountryCode | None, Query(description=f"code of a country: {listed('country')}")]
ByTheme = Annotated[ThemeCode | None, Query(description=f"code of a theme or sub-theme, as entered: {listed('theme')}")]
Active = Annotated[bool | None, Query(description="whether the term runs now")]
ByInstitution = Annotated[str | None, Query(max_length=80, description="id of an institution")]

Writing = Annotated[Write, Depends(precondition(required=False))]
Editing = Annotated[Write, Depends(precondition(required=True))]

Officer = Annotated[Caller, Depends(allow(Role.OFFICER))]
Institution = Annotated[Caller, Depends(allow(Role.INSTITUTION))]
InstitutionOrOfficer = Annotated[Caller, Depends(allow(Role.INSTITUTION, Role.OFFICER))]
ExpertOrOfficer = Annotated[Caller, Depends(allow(Role.EXPERT, Role.OFFICER))]


async def _part(page: Annotated[Paging, Depends(paging)]) -> Part:
    return Part(page.limit, page.after)


Asked = Annotated[Part, Depends(_part)]
