# One image for every command: `docker run shadowread proxy`, `… twin`, `… gate payments`.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json ./
# The embedded servers serve the demo and the tests only; an image talks to real ones.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY config ./config
COPY otel ./otel
COPY src ./src
USER node
EXPOSE 8080 9464
# Loopback inside the container: the admin port needs a token before it listens wider.
HEALTHCHECK --interval=10s --timeout=2s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SHADOWREAD_ADMIN_PORT ?? 9464) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/shadowread.js"]
CMD ["proxy"]
