# oec-bot in a container:
#   docker build --tag oec-bot .
#   docker run --detach --restart unless-stopped --env-file .env --volume oec-data:/data --volume "$PWD/rules:/rules:ro" oec-bot
# The rules are mounted as a directory: a single mounted file would not follow an editor that replaces it.

FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY bot ./bot
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /dist . \
    && python -m venv /opt/oec-bot \
    && /opt/oec-bot/bin/pip install --no-cache-dir --constraint requirements.lock /dist/*.whl

FROM python:3.13-slim-bookworm
COPY --from=build /opt/oec-bot /opt/oec-bot
# The database's directory belongs to the bot before the volume is made, so that the volume does too.
RUN install --directory --owner=10001 --group=10001 /data
ENV PATH=/opt/oec-bot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OEC_DATABASE=/data/oec-bot.db \
    OEC_RULES=/rules/oec.yml
USER 10001:10001
WORKDIR /data
VOLUME /data
# Well while the bot has signed its database within the last minute; starting may wait for Slack a little.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "bot.health"]
CMD ["oec-bot", "run"]
