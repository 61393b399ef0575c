# The exact version that the tests ran on. Move it together with "engines" in package.json.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:20.20.2-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: no dependency needs one, and they would be code of strangers.
RUN npm ci --omit=dev --ignore-scripts

FROM node:20.20.2-bookworm-slim
# git: the coordinator's own. tini: as process 1 it passes signals on and reaps what agents leave behind.
# bubblewrap: the sandbox of agents and gates. The container must allow it: docker-compose.yml.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bubblewrap ca-certificates git tini \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node --mode=0700 /data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE README.md SPEC.md CHANGELOG.md ./
# Nothing is written outside /data and /tmp, so that the root file system can be read-only.
ENV NODE_ENV=production DATA_FOLDER=/data TMPDIR=/tmp
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/main.js"]
