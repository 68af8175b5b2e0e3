#!/bin/sh
# Runs once, on an empty volume: one database and one user per service, and no service can open another's database.
set -eu

create() {
    name=$1
    password=$2
    psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
         --set=name="$name" --set=password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

create intake "${INTAKE_DB_PASSWORD:?INTAKE_DB_PASSWORD is not set}"
create capacity "${CAPACITY_DB_PASSWORD:?CAPACITY_DB_PASSWORD is not set}"
create matcher "${MATCHER_DB_PASSWORD:?MATCHER_DB_PASSWORD is not set}"
create notifier "${NOTIFIER_DB_PASSWORD:?NOTIFIER_DB_PASSWORD is not set}"
