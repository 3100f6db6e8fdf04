"""Type names of the workflows, for whoever starts one. They stand in every stored history, so they never change."""

from __future__ import annotations

PRIOR_AUTHORIZATION = "PriorAuthorization"
CONCURRENT_REVIEW = "ConcurrentReview"
DISCHARGE_PLANNING = "DischargePlanning"
RETROSPECTIVE_REVIEW = "RetrospectiveReview"
QUALITY_CONCERN = "ConcernProcess"
MEMBER_CALLBACK = "Callback"
APPEAL = "Appeal"
UPKEEP = "Upkeep"
