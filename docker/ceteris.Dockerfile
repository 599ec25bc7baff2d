# Everything, for the head of a cluster, its engines and its scorers:
#   docker build -f docker/ceteris.Dockerfile -t ceteris .
#   docker build -f docker/ceteris.Dockerfile -t ceteris:cpu --build-arg TORCH_INDEX=URL .
# TORCH_INDEX: an index of PyTorch's builds for the CPU, several GB smaller; without it pip takes the one for CUDA.
FROM python:3.11.14-slim-bookworm AS build
ARG TORCH_INDEX=""
RUN apt-get update && apt-get install --yes --no-install-recommends make git && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/ceteris
COPY requirements.txt requirements-zoo.txt requirements-scale.txt constraints.txt Makefile ./
# The Makefile's own targets, which every fresh clone takes too.
RUN export PIP_NO_CACHE_DIR=1 PIP_EXTRA_INDEX_URL=$TORCH_INDEX && make VENV=/opt/venv zoo scale

FROM python:3.11.14-slim-bookworm
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/ceteris
COPY synth ./synth
COPY experiments ./experiments
COPY conf ./conf
COPY assets_manifest ./assets_manifest
RUN useradd --create-home --uid 10001 ceteris && mkdir -p /assets /cache /data /runs && chown ceteris /assets /cache /data /runs \
 && ln -s /data data && ln -s /runs runs
ENV PATH=/opt/venv/bin:$PATH WARP_CACHE_PATH=/cache PYTHONUNBUFFERED=1 RAY_USAGE_STATS_ENABLED=0
VOLUME ["/assets", "/cache", "/data", "/runs"]
USER ceteris
CMD ["python3", "-m", "experiments.run", "conf=viewpoint"]
