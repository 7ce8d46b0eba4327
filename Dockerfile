# One image for every command: `docker run shadowread proxy`, `… twin`, `… gate payments`. It is laid out as an installed
# package, holds what production needs and nothing else, and runs with a read-only root: docs/deploying.md.
ARG NODE=24-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY config ./config
COPY otel ./otel
COPY src ./src
RUN npm run build

FROM node:${NODE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Optional dependencies are the embedded servers of demo and tests; an image talks to real ones.
RUN npm ci --omit=dev --omit=optional --omit=peer --ignore-scripts --no-audit --no-fund

FROM node:${NODE}
# Nothing here installs packages any more, and what is not there cannot be used by whoever gets in.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg
ENV NODE_ENV=production
# Else V8 lets the young generation of each thread's heap grow to 128 MB and keeps it under load, and each thread keeps what
# it has freed to itself, in ever larger pieces: docs/operating.md, "What it holds".
ENV NODE_OPTIONS=--max-semi-space-size=16
ENV MALLOC_ARENA_MAX=2
ENV MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /build/dist ./node_modules/shadowread/dist
COPY package.json LICENSE ./node_modules/shadowread/
COPY bin ./node_modules/shadowread/bin
COPY config ./node_modules/shadowread/config
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 8080 9464
# Node is process 1 and handles SIGTERM (drain), SIGHUP (reload) and SIGUSR2 (shadowing off) itself.
STOPSIGNAL SIGTERM
# For `proxy` and `sink`; a service that runs another command brings a check of its own.
HEALTHCHECK --interval=10s --timeout=2s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SHADOWREAD_ADMIN_PORT ?? 9464) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/node_modules/shadowread/bin/shadowread.js"]
CMD ["proxy"]
