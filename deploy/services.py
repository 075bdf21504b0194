"""Are the servers of `make test-services` there? Says in one line which is not, and exits 1."""

import os
import sys

import psycopg2
import redis

try:
    psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
except psycopg2.Error as error:
    sys.exit(f"outreach: no PostgreSQL at DATABASE_URL: {str(error).strip().splitlines()[0]}")
try:
    redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5, socket_connect_timeout=5).ping()
except (redis.RedisError, ValueError) as error:
    sys.exit(f"outreach: no Redis at REDIS_URL: {str(error).splitlines()[0]}")
