"""What the tests of motions share: the reference body, the CMU folder, and small motion files written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth.body import Skeleton, reference_skeleton


@pytest.fixture(scope="session")
def body() -> Skeleton:
    return reference_skeleton()


@pytest.fixture(scope="session")
def assets_root(shared) -> Path:
    return shared / "data"


@pytest.fixture(scope="session")
def cmu(assets_root) -> Path:
    return assets_root / "cmu"


ASF = """\
# two bones that go up from the root
:version 1.10
:name TOY
:units
  mass 1.0
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name spine
     direction 0 1 0
     length 10
     axis 0 0 0 XYZ
     dof rx ry rz
     limits (-180 180)
            (-180 180)
            (-180 180)
  end
  begin
     id 2
     name arm
     direction 1 0 0
     length 5
     axis 0 0 90 XYZ
     dof rx
     limits (-180 180)
  end
:hierarchy
  begin
    root spine
    spine arm
  end
"""

AMC = """\
#!OML:ASF
:FULLY-SPECIFIED
:DEGREES
1
root 0 10 0 0 0 0
spine 0 0 0
arm 0
2
root 1 10 2 0 90 0
spine 0 0 90
arm 90
"""

BVH = """\
HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
  JOINT Chest
  {
    OFFSET 0 10 0
    CHANNELS 3 Zrotation Yrotation Xrotation
    End Site
    {
      OFFSET 0 5 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.0083333
0 10 0 0 0 0 0 0 0
1 10 2 0 90 0 90 0 0
"""


@pytest.fixture
def write(tmp_path):
    """Writes a file of the test's own and gives its path."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def asf_text() -> str:
    return ASF


@pytest.fixture
def amc_text() -> str:
    return AMC


@pytest.fixture
def bvh_text() -> str:
    return BVH
