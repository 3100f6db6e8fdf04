"""What starts a discharge plan: the stay that it belongs to, as it stands."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.discharge.case import DischargePlan
from domain.stays.plan_messages import StayPicture


class DischargeStart(BaseModel):
    """`case_id` is ``DP-`` with the number of the stay. `received_at` (UTC) is when the plan was told of the stay.

    `carried` is the discharge plan itself when a long history goes on in a new run.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    received_at: AwareDatetime
    picture: StayPicture
    carried: DischargePlan | None = None
