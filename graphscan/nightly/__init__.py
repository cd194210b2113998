"""A night: one run at a time, and the pointer to what is published."""
