"""The stories: each a function that lives through a case in a lab and tells it through a narrator."""

from __future__ import annotations

from demo.stories import cpap, home_oxygen, hospital_stay, killed_worker, late, lumbar_fusion

STORIES = (home_oxygen.STORY, cpap.STORY, lumbar_fusion.STORY, killed_worker.STORY, late.STORY, hospital_stay.STORY)
