"""Random appearances for domain randomisation: a wide, plausible variety of bodies, hair and clothes from a seed."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np

from synth.body.fabrics import FABRICS
from synth.body.recipe import Body, Garment, Hair, Recipe, Shoes, Skin

_TONES = {
    "african": ("#4a2f22", "#5c3a29", "#70482f", "#8a5c3d"),
    "asian": ("#e6bd9a", "#d9a982", "#c08d63", "#a9754e"),
    "caucasian": ("#e8bfa6", "#dcaa8a", "#cf9a79", "#b98762"),
}
_DARK_HAIR = ("#120e0c", "#1b1411", "#241a14", "#33241a")
_FAIR_HAIR = ("#4a3322", "#6b4a2b", "#8f6a3c", "#b58f55", "#8a4524")
_GREY_HAIR = ("#77736e", "#a5a19b", "#c4c1bb")
_EYES = {"dark": ("#2c1b11", "#3d2717"), "light": ("#5d4126", "#4f6a76", "#5d6f4a", "#6b7f8d")}
_TOP_FABRICS = ("plain", "plain", "stripes", "pinstripes", "checks", "plaid", "dots", "knit", "camouflage", "flowers",
                "blocks", "print")  # fmt: skip
_BOTTOM_FABRICS = ("plain", "plain", "plain", "denim", "pinstripes", "plaid", "camouflage", "knit")
_TOP_KINDS = ("t_shirt", "t_shirt", "t_shirt", "long_sleeve", "tank_top", "singlet", "polo", "shirt", "jumper",
              "hoodie", "track_top")  # fmt: skip
_BOTTOM_KINDS = {
    "male": ("trousers", "jeans", "jeans", "joggers", "shorts", "running_shorts"),
    "female": ("trousers", "jeans", "jeans", "joggers", "shorts", "running_shorts", "leggings", "skirt", "mini_skirt",
               "long_skirt"),
}  # fmt: skip
_SPORTS = ("track_top", "singlet", "joggers", "running_shorts", "leggings")
_HAIR_OF = {
    "female": ("bob", "long", "ponytail", "bun", "short", "curly", "afro", "buzz"),
    "male": ("short", "short", "quiff", "buzz", "curly", "bald", "afro", "bun"),
}


def random_recipe(seed: int) -> Recipe:
    """The appearance of a seed; the same on every machine."""
    rng = np.random.default_rng([seed, 0xB0D7])
    ancestry = rng.dirichlet((0.35, 0.35, 0.35))
    main = ("african", "asian", "caucasian")[int(ancestry.argmax())]
    female = bool(rng.random() < 0.5)
    body = _body(rng, female, ancestry)
    return Recipe(
        body=body,
        skin=Skin(
            tone=_pick(rng, _TONES[main]),
            ruddy=round(float(rng.uniform(0.1, 0.8)), 3),
            lips="#a8505a" if female and rng.random() < 0.4 else None,
            freckles=round(float(rng.uniform(0.3, 1)), 3) if main == "caucasian" and rng.random() < 0.25 else 0.0,
        ),
        eyes=_pick(rng, _EYES["light" if main == "caucasian" and rng.random() < 0.7 else "dark"]),
        hair=_hair(rng, female, main, body.age),
        **_clothes(rng, female),
        shoes=_shoes(rng, female),
        seed=int(rng.integers(0, 100_000)),
    )


def _pick(rng: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(rng.integers(len(choices)))]


def _body(rng: np.random.Generator, female: bool, ancestry: np.ndarray) -> Body:
    mean, spread = (1.65, 0.065) if female else (1.77, 0.07)
    gender = rng.uniform(0.85, 1.0) if female else rng.uniform(0.0, 0.15)
    values = {
        "height_m": np.clip(rng.normal(mean, spread), 1.50, 1.98),
        "gender": gender,
        "age": rng.beta(1.2, 2.0),
        "muscle": rng.uniform(0.35, 0.8),
        "weight": np.clip(rng.normal(0.52, 0.14), 0.22, 0.9),
        "proportions": rng.uniform(0.3, 0.9),
        "cupsize": rng.uniform(0.25, 0.7),
        "african": ancestry[0],
        "asian": ancestry[1],
        "caucasian": ancestry[2],
    }
    return Body(**{key: round(float(value), 4) for key, value in values.items()})


def _hair(rng: np.random.Generator, female: bool, main: str, age: float) -> Hair:
    colours = _FAIR_HAIR if main == "caucasian" and rng.random() < 0.75 else _DARK_HAIR
    if rng.random() < max(0.0, age - 0.35) * 1.5:
        colours = _GREY_HAIR
    styles = [s for s in _HAIR_OF["female" if female else "male"] if s != "afro" or main == "african"]
    beard = 0.0 if female or rng.random() < 0.5 else round(float(rng.uniform(0.2, 1.0)), 3)
    return Hair(
        style=_pick(rng, styles), colour=_pick(rng, colours), brows=round(float(rng.uniform(0.35, 0.9)), 3), beard=beard
    )


def _colour(rng: np.random.Generator) -> str:
    """A colour as clothes have them: any hue, mostly muted, from near black to off-white."""
    hue, grey = rng.random(), rng.random() < 0.3
    saturation = rng.uniform(0.0, 0.12) if grey else rng.uniform(0.25, 0.85)
    value = rng.uniform(0.12, 0.86) if grey else rng.uniform(0.2, 0.86)
    return "#" + "".join(f"{round(255 * c):02x}" for c in colorsys.hsv_to_rgb(hue, saturation, value))


def _cloth(rng: np.random.Generator, kind: str, fabrics: Sequence[str]) -> Garment:
    """A garment of one of the fabrics; every second piece of sports wear has stripes down its sides."""
    fabric = _pick(rng, fabrics)
    if kind in _SPORTS and rng.random() < 0.5:
        fabric = "side_stripes"
    return Garment(
        kind=kind,
        fabric=fabric,
        colours=tuple(_colour(rng) for _ in range(max(3, FABRICS[fabric][1]))),
        scale_m=round(float(FABRICS[fabric][2] * rng.uniform(0.7, 1.6)), 4),
    )


def _clothes(rng: np.random.Generator, female: bool) -> dict[str, Garment | None]:
    """Top, bottom and jacket, by the recipe's keys; a dress in place of both for one woman in six."""
    dress = rng.random() < 1 / 6 and female
    top = _cloth(rng, "dress" if dress else _pick(rng, _TOP_KINDS), _TOP_FABRICS)
    bottom = None if dress else _bottom(rng, female)
    over = rng.random() < 0.2 and top.kind not in ("hoodie", "jumper", "track_top")
    outer = _cloth(rng, _pick(rng, ("jacket", "jacket", "track_top")), ("plain", "plain", "denim", "checks", "knit"))
    return {"top": top, "bottom": bottom, "outer": outer if over else None}


def _bottom(rng: np.random.Generator, female: bool) -> Garment:
    kind = _pick(rng, _BOTTOM_KINDS["female" if female else "male"])
    if kind == "jeans":
        return Garment(
            kind=kind, fabric="denim", colours=(_pick(rng, ("#2b3a5c", "#3d5680", "#5d7795", "#24272f", "#6d6a64")),)
        )
    return _cloth(rng, kind, _BOTTOM_FABRICS)


def _shoes(rng: np.random.Generator, female: bool) -> Shoes:
    kind = _pick(rng, ("trainers", "trainers", "canvas", "boots", *(("flats",) if female else ())))
    sole = _pick(rng, ("#d8d6ce", "#26241f", "#8a6a46", "#c9c9c9"))
    socks = None if kind == "flats" else _pick(rng, ("#d6d4cd", "#24262b", "#7a7d82"))
    return Shoes(kind=kind, upper=_colour(rng), sole=sole, detail=_colour(rng), socks=socks)
