"""The workflow input of a discharge plan: its stay as of the start."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.discharge.case import DischargeCase
from domain.stays.plan_messages import StaySnapshot


class DischargeStart(BaseModel):
    """`case_id` is ``DP-`` with the number of the stay. `received_at` (UTC) is when the stay started the plan.

    `carried` is the discharge plan itself when a long history goes on in a new run.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    received_at: AwareDatetime
    picture: StaySnapshot
    carried: DischargeCase | None = None
