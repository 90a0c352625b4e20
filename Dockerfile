# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY cmdarr ./cmdarr
RUN python -m venv /opt/cmdarr && /opt/cmdarr/bin/pip install --no-cache-dir .

FROM python:3.13-slim
COPY --from=build /opt/cmdarr /opt/cmdarr
ENV PATH=/opt/cmdarr/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CMDARR_CONFIG_DIR=/config \
    CMDARR_DATA_DIR=/data
RUN useradd --uid 1000 --user-group --no-create-home cmdarr && install -d -o cmdarr -g cmdarr /config /data
USER cmdarr
VOLUME ["/config", "/data"]
EXPOSE 8080
HEALTHCHECK --start-period=10s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=5)"]
ENTRYPOINT ["cmdarr"]
CMD ["serve"]
