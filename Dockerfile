# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/cmdarr
COPY pyproject.toml README.md LICENSE ./
COPY cmdarr ./cmdarr
RUN pip --python /opt/cmdarr/bin/python install --no-cache-dir --root-user-action=ignore .
COPY --chmod=755 docker/cmdarr /usr/local/bin/cmdarr

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Cmdarr" \
      org.opencontainers.image.description="Music automation whose whole configuration is a folder of YAML in git." \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/cmdarr /opt/cmdarr
COPY --from=build /usr/local/bin/cmdarr /usr/local/bin/cmdarr
ENV PYTHONDONTWRITEBYTECODE=1 \
    CMDARR_CONFIG_DIR=/config \
    CMDARR_DATA_DIR=/data
RUN install -d -o 1000 -g 1000 /config /data
VOLUME ["/config", "/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
# It starts as root only to become PUID:PGID before anything else happens; `user:` works as well.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["cmdarr", "health"]
ENTRYPOINT ["cmdarr"]
CMD ["serve"]
