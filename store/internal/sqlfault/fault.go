package sqlfault

import (
	"errors"
	"strconv"
	"strings"
)

// Fault is the kind of a database error. Stores act on it.
type Fault uint8

// The faults.
const (
	Unknown    Fault = iota
	Busy             // the statement had no effect and may succeed later
	Unprepared       // the statement had no effect: it is no longer prepared, or outdated
	NoTable          // the table does not exist
	OtherTable       // the table has other columns
	Refused          // the user or the password is wrong
	NoDatabase       // the database or the schema does not exist
	Forbidden        // the user lacks a privilege
	ReadOnly         // the database is read-only, such as a replica
	Full             // the disk is full, or the database reached its limit
	TooLarge         // the record is too large
	Crowded          // no connection is left
	CannotOpen       // the database file cannot be opened
	Escaped          // the server sends bytes in a format that the driver cannot read
)

// PostgreSQL returns the fault of an error of PostgreSQL. It uses the SQLSTATE,
// which the errors of pgx and pq return from a method.
func PostgreSQL(err error) Fault {
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if !ok {
		if strings.Contains(err.Error(), "invalid hex format") { // pgx, of a bytea as text
			return Escaped
		}
		return Unknown
	}
	switch state.SQLState() {
	case "40001", "40P01": // serialization failure, deadlock
		return Busy
	case "26000", "42P05": // the statement is gone, or another client of the pooler prepared it
		return Unprepared
	case "0A000":
		if strings.Contains(err.Error(), "cached plan") { // the table was migrated
			return Unprepared
		}
	case "42P01":
		return NoTable
	case "42703", "42804", "42883", "42P10", "23502", "22001":
		return OtherTable
	case "28000", "28P01":
		return Refused
	case "3D000", "3F000":
		return NoDatabase
	case "42501":
		return Forbidden
	case "25006":
		return ReadOnly
	case "53100":
		return Full
	case "53300":
		return Crowded
	}
	return Unknown
}

// MySQL returns the fault of an error of MySQL or MariaDB. It uses the error's
// number: see [MySQLNumber].
func MySQL(err error) Fault {
	switch MySQLNumber(err) {
	case 1213, 1205, 1020: // deadlock, lock wait timeout, record changed since it was read
		return Busy
	case 1243, 1615: // the statement is gone, or must be prepared again
		return Unprepared
	case 1146:
		return NoTable
	case 1054, 1089, 1136, 1364, 1406:
		return OtherTable
	case 1045, 1698:
		return Refused
	case 1049:
		return NoDatabase
	case 1044, 1142, 1143, 1227:
		return Forbidden
	case 1036, 1290, 1792, 1836:
		return ReadOnly
	case 3, 1021, 1114:
		return Full
	case 1153:
		return TooLarge
	case 1040, 1203, 1226:
		return Crowded
	case 1047: // unknown command, and a Galera node that is out of its cluster
		if strings.Contains(err.Error(), "WSREP") {
			return ReadOnly
		}
	case 1105: // any of several errors
		if strings.Contains(err.Error(), "max_allowed_packet") {
			return TooLarge
		}
	}
	return Unknown
}

// MySQLNumber returns the number of an error of MySQL or MariaDB, or 0 for any
// other error. It reads the number from the error's text, such as
// "Error 1213 (40001): Deadlock", because this package does not import the
// driver.
func MySQLNumber(err error) int {
	for ; err != nil; err = errors.Unwrap(err) {
		if rest, ok := strings.CutPrefix(err.Error(), "Error "); ok {
			digits, _, _ := strings.Cut(rest, " ")
			n, _ := strconv.Atoi(strings.TrimSuffix(digits, ":"))
			return n
		}
	}
	return 0
}

// SQLite returns the fault of an error of SQLite. It uses SQLite's own text,
// which all drivers keep. The drivers' error types have nothing in common.
func SQLite(err error) Fault {
	for _, f := range []struct {
		text  string
		fault Fault
	}{
		{"database is locked", Busy},
		{"database table is locked", Busy},
		{"no such table", NoTable},
		{"no such column", OtherTable},
		{"has no column named", OtherTable},
		{"ON CONFLICT clause does not match", OtherTable},
		{"NOT NULL constraint failed", OtherTable},
		{"datatype mismatch", OtherTable},
		{"unknown database", NoDatabase},
		{"unable to open database", CannotOpen},
		{"file is not a database", CannotOpen},
		{"readonly database", ReadOnly},
		{"database or disk is full", Full},
		{"string or blob too big", TooLarge},
	} {
		if strings.Contains(err.Error(), f.text) {
			return f.fault
		}
	}
	return Unknown
}
