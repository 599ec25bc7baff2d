"""Splits without leakage: no motion and no person is in two of them.

A model that has seen a test clip's very motion, or its person's clothes, in training is graded on its memory. So clips
are dealt to the splits by what they share: clips that have a motion or an appearance in common are in one split. Where
a design crosses motions with people, everything hangs together; then motions and people are dealt out each by
themselves, and the clips that would show one split's person in another split's motion are left out, and counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

import numpy as np

from synth.export.errors import LeakedSplit, SplitError
from synth.factors import ClipSpec
from synth.motion import catalogue


def motion_of(spec: ClipSpec) -> str:
    """What counts as one motion: every crop of a recording, whatever its manner."""
    return catalogue.cluster(spec.motion)


def person_of(spec: ClipSpec) -> str:
    """What counts as one person."""
    return spec.appearance.name


KEPT_APART = {"motion": motion_of, "appearance": person_of}


def check_splits(parts: Mapping[str, Sequence[ClipSpec]]) -> None:
    """Raises LeakedSplit for the first motion or appearance that two splits share."""
    for (one, some), (other, others) in combinations(parts.items(), 2):
        for what, key in KEPT_APART.items():
            if shared := sorted({key(spec) for spec in some} & {key(spec) for spec in others}):
                raise LeakedSplit(
                    f"the {what} {shared[0]!r} is in the splits {one!r} and {other!r}"
                    + (f" (and so are {len(shared) - 1} more)" if len(shared) > 1 else "")
                    + "; a model could be graded on what it has seen. Deal clips out by synth.export.splits"
                )


def checked_shares(shares: Mapping[str, float], key: str = "splits") -> dict[str, float]:
    """Shares by split, made to sum to 1, and those of 0 left out; raises SplitError for names or numbers that cannot
    be."""
    if not isinstance(shares, Mapping) or not shares:
        raise SplitError(f"{key} = {shares!r}; expected shares by name, as {{train: 0.8, test: 0.2}}")
    for name, share in shares.items():
        number = isinstance(share, int | float) and not isinstance(share, bool) and math.isfinite(share)
        if not number or share < 0:
            raise SplitError(f"{key}.{name} = {share!r}; expected a share, 0 for no such split")
        if not (isinstance(name, str) and name.isidentifier()):
            raise SplitError(f"{key} names a split {name!r}; expected letters, digits and '_', as train, val, test")
    total = sum(shares.values())
    if not total:
        raise SplitError(f"{key}: all shares are 0; expected one above")
    return {name: share / total for name, share in shares.items() if share}


def dealt(
    things: Sequence[Hashable],
    shares: Mapping[str, float],
    rng: np.random.Generator,
    what: str,
    known: Mapping[Hashable, str] | None = None,
) -> dict:
    """Each of `things` -> its split: shares as near as whole things allow, every split one at least; in an order that
    `rng` draws. known: splits that some have already, and keep. Raises SplitError where a split would have none."""
    homes = {thing: known[thing] for thing in things if thing in (known or {})}
    counts = Counter(homes.values())
    for thing in [things[k] for k in rng.permutation(len(things)) if things[k] not in homes]:
        homes[thing] = max(shares, key=lambda name: (not counts[name], shares[name] * len(things) - counts[name]))
        counts[homes[thing]] += 1
    if bare := [name for name in shares if not counts[name]]:
        raise SplitError(
            f"{what}: {len(things)} for {len(shares)} splits ({', '.join(shares)}), so that {bare[0]!r} has none "
            "of its own. Ask for more of them, or for fewer splits"
        )
    return homes


def dealt_by_activity(
    motions: Mapping[str, Sequence[str]], shares: Mapping[str, float], rng: np.random.Generator
) -> dict[str, str]:
    """Each motion -> its split, such that every activity has one in each; activity -> motions is given. A recording may
    show several activities: it is dealt once. Those with the fewest motions come first, having the least choice."""
    homes: dict[str, str] = {}
    for activity in sorted(motions, key=lambda name: (len(motions[name]), name)):
        homes |= dealt(motions[activity], shares, rng, f"motions of {activity}", homes)
    return homes


def split(
    specs: Sequence[ClipSpec], shares: Mapping[str, float], *, seed: int
) -> tuple[dict[str, list[ClipSpec]], int]:
    """Recipes by split, and how many were left out because they would have leaked (see the module)."""
    rng = np.random.default_rng(seed)
    bonds = _bonds(specs)
    sizes = Counter(bonds)
    if len(sizes) >= len(shares):
        homes = _by_size(sizes, shares, rng)
        placed = [homes[bond] for bond in bonds]
    else:
        placed = _crossed(specs, shares, rng)
    parts = {name: [s for s, home in zip(specs, placed, strict=True) if home == name] for name in shares}
    if empty := [name for name, members in parts.items() if not members]:
        raise SplitError(f"no clip is left for the split {empty[0]!r}; the design has too few motions or people")
    return parts, placed.count(None)


def _bonds(specs: Sequence[ClipSpec]) -> list[int]:
    """For each recipe the number of what it hangs together with, by motions and people in common."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node):
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for spec in specs:
        parent[root(("motion", motion_of(spec)))] = root(("person", person_of(spec)))
    numbers: dict[tuple[str, str], int] = {}
    return [numbers.setdefault(root(("person", person_of(spec))), len(numbers)) for spec in specs]


def _by_size(sizes: Counter, shares: Mapping[str, float], rng: np.random.Generator) -> dict[int, str]:
    """Bond -> split: the largest first, to the split that is furthest from its share; none stays empty."""
    order = sorted((sizes[bond], tie, bond) for bond, tie in zip(sizes, rng.permutation(len(sizes)), strict=True))
    total, got, homes = sum(sizes.values()), dict.fromkeys(shares, 0), {}
    for left, (size, _, bond) in zip(range(len(order), 0, -1), reversed(order), strict=True):
        empty = [name for name in shares if not got[name]]
        open_to = empty if len(empty) >= left else list(shares)
        homes[bond] = max(open_to, key=lambda name: shares[name] * total - got[name])
        got[homes[bond]] += size
    return homes


def _crossed(specs: Sequence[ClipSpec], shares: Mapping[str, float], rng: np.random.Generator) -> list[str | None]:
    """The split of each recipe, None for one whose motion and person belong to different ones."""
    people = dealt(sorted({person_of(spec) for spec in specs}), shares, rng, "appearances")
    activities = sorted({spec.motion.activity for spec in specs})
    own = {a: sorted({motion_of(spec) for spec in specs if spec.motion.activity == a}) for a in activities}
    motions = dealt_by_activity(own, shares, rng)
    homes = [(motions[motion_of(spec)], people[person_of(spec)]) for spec in specs]
    return [one if one == other else None for one, other in homes]
