"""Verification: the scores of real recordings on the synthetic curve of the same activity (`conf=verify`)."""
