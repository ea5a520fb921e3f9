/** The peers, pinned. What each stands for is said in `contestants/`. */

/** From npm. */
export const NPM = {
  bullmq: "6.7.0",
  /** BullMQ's client of Redis. */
  ioredis: "5.8.2",
  "graphile-worker": "0.17.3",
} as const;

/** From PyPI. */
export const PYPI = {
  celery: "5.7.0",
  SQLAlchemy: "2.1.9",
  "psycopg[binary]": "3.3.9",
} as const;
