"""The page's words for newcomers."""

GLOSSARY = (
    (
        "Score",
        "The probability a model gives to the true activity of a clip, from 0 to 1; a point is a hundredth.",
    ),
    (
        "Score curve",
        "The mean score at each value of a swept factor, everything else being held. Flat means that the model does "
        "not care; after Identity Preserve Transform, section 3.4.",
    ),
    ("Sweep", "The same clips again and again with one factor moved through its values."),
    (
        "Nuisance factor",
        "Something that changes the picture but not the activity: viewpoint, person, place, light.",
    ),
    (
        "Azimuth",
        "The side of the body that is seen: 0° its front, 90° its left, 180° its back, 270° its right. By orbit the "
        "camera walks around the person; by turntable the person turns. Both show the same side.",
    ),
    ("Elevation", "How far above (+) or below (−) the horizontal the camera stands."),
    (
        "Replicate",
        "One motion, one person and one moment of starting, seen at every value of the sweep. Comparisons are made "
        "within a replicate.",
    ),
    ("Reference", "The value a factor has while another one is swept."),
    (
        "Drop",
        "Score at the reference minus score at the contrast value (90° for azimuth, otherwise the farthest value).",
    ),
    (
        "Interval",
        "A range that would hold the true mean in about 95 of 100 such studies, other motions and people being drawn.",
    ),
    ("Floor", "How much the score moves under changes that nobody would call a change."),
    (
        "Null, p, Holm",
        "How often a factor that does nothing would give a curve that moves as much; corrected after Holm because "
        "several curves are tested.",
    ),
    ("Top-1 accuracy", "The share of clips for which the true activity has the highest score of all classes."),
    (
        "Authored motion",
        "Made from key poses for Ceteris, not recorded from a person. CMU: recorded in the motion capture laboratory "
        "of Carnegie Mellon University.",
    ),
)

CMU_CITATION = (
    "The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with funding from "
    "NSF EIA-0196217."
)
