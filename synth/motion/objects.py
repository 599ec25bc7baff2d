"""The measures of objects on which the motions that handle them and the meshes that show them have to agree (metres).

An object's own frame: balls are centred; a club, a bow or a fiddle bow has its grip at the origin; a violin the end
of its body; a ladder the middle of its foot. Every object is symmetric about its own plane y = 0, so that its mirror
image is itself, turned. Sizes are those of the sports' rules and of the makers.
"""

from __future__ import annotations

RADIUS_M = {"golf_ball": 0.0213, "baseball": 0.037, "basketball": 0.12, "soccer_ball": 0.11}
BOW_TIP_M = (-0.17, 0.78)  # x and |z| of the nocks, where the string is tied; at rest the string is straight between
ARROW_M = 0.75
CLUB_HEAD_M = 0.85  # from the middle of the two hands down the shaft
CLUB_END_M = 0.13  # of the grip above the hands
LADDER_RUNGS_M = (0.30, 0.30, 10)  # height of the lowest rung, distance of two, number
LADDER_WIDTH_M = 0.44
LADDER_HEIGHT_M = 3.3
RUNG_RADIUS_M = 0.016
VIOLIN_BRIDGE_M = (0.16, 0.052)  # x of the bridge, and height of the strings over it above the body's middle
VIOLIN_CHIN_M = (0.035, 0.036)  # x and height of the chin rest's middle
VIOLIN_NECK_M = (0.43, 0.012)  # x and height of the neck's middle where the hand holds it
FIDDLE_BOW_M = (0.05, 0.68)  # x of the two ends of the hair
FIDDLE_HAIR_M = 0.024  # of the hair below the stick's middle
