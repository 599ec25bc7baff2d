"""How a layer's features move while one factor is swept: the manifold of *Identity Preserve Transform* (Lyu et al.
2019, §4.2, Fig. 6), drawn by PCA and measured in the whole feature space.

The picture shows three dimensions of many, so that nothing is concluded from it. What is concluded comes from distances
between features, each divided by the manifold's own size, the mean distance between any two of its points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import distance
from sklearn.decomposition import PCA

from experiments.analysis.bootstrap import clusters, interval, weights

COMPONENTS = 3
EMPTY = 1e-9


@dataclass(frozen=True, kw_only=True)
class Path:
    """The features of one model, layer, activity and sweep.

    features: (B, K, D), replicates by values in ascending order. mirrored: the same of the flipped clips, or None.
    motions, appearances: (B,) clusters. closed: whether the last value is followed by the first.
    """

    values: np.ndarray
    features: np.ndarray
    mirrored: np.ndarray | None
    motions: np.ndarray
    appearances: np.ndarray
    closed: bool


def project(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The mean path over replicates in its own first three principal components: (K, 3) coordinates, and (3,) shares of
    its variance, both padded with zeros where there are fewer."""
    mean = path.features.mean(axis=0)
    count = min(COMPONENTS, *mean.shape)
    out, shares = np.zeros((len(mean), COMPONENTS)), np.zeros(COMPONENTS)
    if np.ptp(mean, axis=0).max() < EMPTY:
        return out, shares
    pca = PCA(n_components=count, svd_solver="full")
    out[:, :count] = pca.fit_transform(mean)
    shares[:count] = pca.explained_variance_ratio_
    return out, shares


def measures(path: Path, *, draws: int, seed: int) -> dict[str, float]:
    """Measures of a path, means over replicates with intervals (`_low`, `_high`) over motions and appearances.

    size: mean distance between two points of a replicate's path, in the units of the features. closing: of a closed
    path, the step from the last value to the first over the mean of the other steps; 1 closes like any step. opposite:
    of a closed path, mean distance of values half a turn apart, over size; about 1.4 for a plain circle, near 0 where
    front and back look alike to the layer. mirrored: mean distance of a clip and the same clip flipped, over size; 0
    is left-right symmetric. NaN where one does not apply or the path has no size.
    """
    each = {
        "size": _sizes(path.features),
        "closing": _closings(path),
        "opposite": _opposites(path),
        "mirrored": _mirrors(path),
    }
    size = clusters(path.motions, path.appearances).size
    drawn = weights(path.motions, path.appearances, draws=draws, rng=np.random.default_rng(seed))
    out: dict[str, float] = {}
    for name, values in each.items():
        low, high = interval(drawn @ values, size) if np.isfinite(values).all() else (np.nan, np.nan)
        out |= {name: float(np.mean(values)), f"{name}_low": float(low), f"{name}_high": float(high)}
    return out


def invariance(paths: Mapping[str, Path]) -> dict[str, float]:
    """How much of a layer is moved by the factor beside how much by the activity.

    paths: activity -> Path, the same layer and sweep. within: mean size of the paths. between: mean distance of two
    replicates of different activities at equal values. moved: within / between; 0 is a layer that does not see the
    factor, 1 one to which a turn is as much as another activity. NaN with one activity.
    """
    within = float(np.mean([_sizes(path.features).mean() for path in paths.values()]))
    names, gaps = list(paths), []
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            a, b = paths[first].features, paths[second].features
            gaps += [distance.cdist(a[:, v], b[:, v]).mean() for v in range(min(a.shape[1], b.shape[1]))]
    between = float(np.mean(gaps)) if gaps else np.nan
    return {"within": within, "between": between, "moved": within / between if between > EMPTY else np.nan}


def _sizes(features: np.ndarray) -> np.ndarray:
    return np.array([distance.pdist(one).mean() for one in features])


def _relative(path: Path, lengths: np.ndarray) -> np.ndarray:
    """Lengths (B,) over the size of each replicate's path; NaN where it has none."""
    sizes = _sizes(path.features)
    return np.divide(lengths, sizes, out=np.full(len(sizes), np.nan), where=sizes > EMPTY)


def _closings(path: Path) -> np.ndarray:
    steps = np.linalg.norm(np.diff(path.features, axis=1), axis=2).mean(axis=1)
    last = np.linalg.norm(path.features[:, -1] - path.features[:, 0], axis=1)
    if not path.closed:
        return np.full(len(last), np.nan)
    return np.divide(last, steps, out=np.full(len(last), np.nan), where=steps > EMPTY)


def _opposites(path: Path) -> np.ndarray:
    count = path.features.shape[1]
    if not path.closed or count % 2:
        return np.full(len(path.features), np.nan)
    across = np.roll(path.features, count // 2, axis=1)
    return _relative(path, np.linalg.norm(path.features - across, axis=2).mean(axis=1))


def _mirrors(path: Path) -> np.ndarray:
    if path.mirrored is None:
        return np.full(len(path.features), np.nan)
    return _relative(path, np.linalg.norm(path.features - path.mirrored, axis=2).mean(axis=1))
