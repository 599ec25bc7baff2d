# The embedded engine alone:  docker build -f docker/stage.Dockerfile -t ceteris-stage .
# A tag of the base is named, not its digest, which could not be looked up where this was written: pin yours.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /opt/ceteris
COPY requirements-stage.txt constraints.txt ./
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt -r requirements-stage.txt

FROM python:3.11.14-slim-bookworm
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/ceteris
COPY synth ./synth
COPY assets_manifest ./assets_manifest
RUN useradd --create-home --uid 10001 ceteris && mkdir -p /cache && chown ceteris /cache
# Compiled kernels: keep the volume, and only the first start takes minutes.
ENV WARP_CACHE_PATH=/cache PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1
VOLUME /cache
USER ceteris
EXPOSE 9000
# Whether it listens is asked of the kernel: a connection would take the one session that an engine grants.
HEALTHCHECK --start-period=300s CMD grep -q ":2328 .* 0A " /proc/net/tcp
# --expose: there is no password, and whoever reaches the port commands the engine. Publish it to 127.0.0.1 alone.
CMD ["/opt/venv/bin/python", "-m", "synth.stage", "--host", "0.0.0.0", "--expose", "--port", "9000"]
