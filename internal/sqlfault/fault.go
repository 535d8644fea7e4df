// Package sqlfault tells the stores of SQL databases what an error means: try
// again, or what to say about it.
package sqlfault

import (
	"errors"
	"strconv"
	"strings"
)

// Fault is what an error of a database means to a store.
type Fault uint8

// The faults.
const (
	Unknown    Fault = iota
	Busy             // nothing was done; again it may succeed
	Unprepared       // likewise: a prepared statement is gone or outdated
	NoTable          // it was not made yet
	OtherTable       // it has other columns
	Refused          // user or password are wrong
	NoDatabase       // or no schema
	Forbidden        // a privilege is missing
	ReadOnly         // such as a replica
	Full             // its disk, or its limit
	TooLarge         // a record
	Crowded          // no connection is left
	CannotOpen       // its file
)

// PostgreSQL goes by the SQLSTATE, for which the errors of pgx and pq have a
// method.
func PostgreSQL(err error) Fault {
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if !ok {
		return Unknown
	}
	switch state.SQLState() {
	case "40001", "40P01": // serialization failure, deadlock
		return Busy
	case "26000", "42P05": // it is gone, or there already: of another client of the pooler
		return Unprepared
	case "0A000":
		if strings.Contains(err.Error(), "cached plan") { // of a table that was migrated
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

// MySQL goes by the number of the error.
func MySQL(err error) Fault {
	switch MySQLNumber(err) {
	case 1213, 1205, 1020: // deadlock, lock wait timeout, changed since it was read
		return Busy
	case 1243, 1615: // it is gone, or needs to be prepared again
		return Unprepared
	case 1146:
		return NoTable
	case 1054, 1136, 1364, 1406:
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
	case 1105: // which is many an error
		if strings.Contains(err.Error(), "max_allowed_packet") {
			return TooLarge
		}
	}
	return Unknown
}

// MySQLNumber returns the number of an error of MySQL or MariaDB, 0 for any
// other. It is in the text alone for those who do not import the driver:
// "Error 1213 (40001): Deadlock".
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

// SQLite goes by SQLite's own text, which all its drivers keep, while their
// error types have nothing in common.
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
