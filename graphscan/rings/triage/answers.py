"""The three answers of triage."""

from __future__ import annotations

REVIEW, WATCH, EXPLAINED = "review", "watch", "explained"
