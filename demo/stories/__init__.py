"""The stories: each a function that runs a case in a lab and prints it through a story printer."""

from __future__ import annotations

from demo.stories import cpap, desk_day, home_oxygen, hospital_stay, killed_worker, late_decision, lumbar_fusion

STORIES = (
    home_oxygen.STORY,
    cpap.STORY,
    lumbar_fusion.STORY,
    killed_worker.STORY,
    late_decision.STORY,
    hospital_stay.STORY,
    desk_day.STORY,
)
