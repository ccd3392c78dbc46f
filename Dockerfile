# The HTTP face in a container: docker build -t saga-agent . && docker compose up
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/saga && /opt/saga/bin/pip install --no-cache-dir uv
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY saga_agent saga_agent
RUN VIRTUAL_ENV=/opt/saga /opt/saga/bin/uv pip install --system-certs --no-cache -c constraints.txt ".[documents,images,postgres,qdrant,server]"

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data saga
COPY --from=build /opt/saga /opt/saga
ENV PATH=/opt/saga/bin:$PATH PYTHONUNBUFFERED=1 SAGA_DATABASE=/data/saga.db
USER saga
WORKDIR /data
VOLUME /data
EXPOSE 8000
# The server gives running work back when it is told to end; it needs a few seconds for that.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
# A server that others can reach needs authentication: set SAGA_AUTH and its settings.
CMD ["saga", "serve", "--host", "0.0.0.0", "--port", "8000", "--log-json"]
