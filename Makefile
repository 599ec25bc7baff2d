# Two commands do everything on a machine that has Python >= 3.11, make and git:
#   make viewpoint   set up and run the main job
#   make test        set up and pass the tests
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
ARGS ?=
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: viewpoint test zoo scale lint pack clean

viewpoint: $(VENV)/.ready
	$(PY) -m experiments.run conf=viewpoint $(ARGS)

test: $(VENV)/.ready-dev
	$(PY) -m pytest $(ARGS)

# What the models of other people need: Hugging Face's, and weights in HDF5 files.
zoo: $(VENV)/.ready
	$(PIP) -r requirements-zoo.txt

# What a Ray cluster needs, on every node of it (docs/cluster.md).
scale: $(VENV)/.ready
	$(PIP) -r requirements-scale.txt

lint: $(VENV)/.ready-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

# The body pack ships with the repository; this makes it anew from the body model (a minute, 4 GB of memory).
pack: $(VENV)/.ready
	$(PIP) -r requirements-pack.txt
	$(PY) -m synth.body.build_pack

# The engine's client asks for opencv-python, whose wheel wants the system's libGL; the headless wheel in
# requirements.txt gives it the same cv2, so it is installed without its dependencies, which stand there too.
$(VENV)/.ready: requirements.txt constraints.txt Makefile
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ceteris needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.txt
	$(PIP) --no-deps unrealcv
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt requirements-zoo.txt requirements-scale.txt
	$(PIP) -r requirements-dev.txt -r requirements-zoo.txt -r requirements-scale.txt
	touch $@

clean:
	rm -rf $(VENV)
