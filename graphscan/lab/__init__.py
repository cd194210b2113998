"""The laboratory: worlds with known truth, and how well a run finds what was planted in them."""
