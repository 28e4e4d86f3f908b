#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume: a role and a database for each service.
# No service can connect to another one's database.
set -eu

add_database() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

add_database customers "$CUSTOMERS_PASSWORD"
add_database complaints "$COMPLAINTS_PASSWORD"
add_database care "$CARE_PASSWORD"
add_database reporting "$REPORTING_PASSWORD"
