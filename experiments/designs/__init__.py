"""Designs beside the single sweep: two factors crossed, the smallest change that loses the class, the mirrored twin."""
