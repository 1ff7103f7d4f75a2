# The `assent` command: `docker build -t assent .`, then `docker run --rm assent --help`.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN node_modules/.bin/tsc -p tsconfig.build.json
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
# A decision makes much that is short-lived: a larger young generation is collected less often.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=64
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY policies ./policies
COPY schemas ./schemas
COPY examples ./examples
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["--help"]
