// Package sqlstore keeps session records in a table of PostgreSQL, MySQL,
// MariaDB or SQLite, through database/sql.
package sqlstore
