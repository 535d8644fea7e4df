package sqlfault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// state is an error of PostgreSQL as its drivers have it.
type state struct{ code, text string }

func (s state) Error() string    { return s.text + " (SQLSTATE " + s.code + ")" }
func (s state) SQLState() string { return s.code }

var (
	errDeadlock = errors.New("Error 1213 (40001): Deadlock found when trying to get lock")
	errOffline  = errors.New("connection refused")
)

func store(fault func(error) sqlfault.Fault) sqlfault.Store {
	return sqlfault.Store{Package: "pkg", Table: "tbl", Make: "make it", Replace: "replace it", Fault: fault}
}

func TestErrorsAreTriedAgainIfNothingWasDoneAndSayWhatToDo(t *testing.T) {
	mysql := func(n int, text string) error { return fmt.Errorf("Error %d (HY000): %s", n, text) }
	sqlite := func(text string) error { return fmt.Errorf("%s (1)", text) }
	for _, test := range []struct {
		fault func(error) sqlfault.Fault
		err   error
		again bool
		says  string
	}{
		{sqlfault.PostgreSQL, state{"40001", ""}, true, "busy"},
		{sqlfault.PostgreSQL, state{"40P01", ""}, true, "busy"},
		{sqlfault.PostgreSQL, state{"40003", "statement completion unknown"}, false, ": statement completion unknown"},
		{sqlfault.PostgreSQL, state{"26000", ""}, true, "behind a pooler"},
		{sqlfault.PostgreSQL, state{"42P05", ""}, true, "behind a pooler"},
		{sqlfault.PostgreSQL, state{"0A000", "cached plan must not change result type"}, true, "start this program again"},
		{sqlfault.PostgreSQL, state{"0A000", "another feature"}, false, ": another feature"},
		{sqlfault.PostgreSQL, state{"42P01", ""}, false, "no table tbl: make it"},
		{sqlfault.PostgreSQL, state{"42703", ""}, false, "replace it"},
		{sqlfault.PostgreSQL, state{"28P01", ""}, false, "password"},
		{sqlfault.PostgreSQL, state{"3D000", ""}, false, "no such database"},
		{sqlfault.PostgreSQL, state{"42501", ""}, false, "privilege"},
		{sqlfault.PostgreSQL, state{"25006", ""}, false, "read-only"},
		{sqlfault.PostgreSQL, state{"53100", ""}, false, "is full"},
		{sqlfault.PostgreSQL, state{"53300", ""}, false, "no connection left"},
		{sqlfault.PostgreSQL, state{"57P01", "terminating connection"}, false, ": terminating connection"},
		{sqlfault.PostgreSQL, errors.New("convert field 2 failed: invalid hex format"), false, "SET bytea_output = hex"},
		{sqlfault.PostgreSQL, errOffline, false, ": connection refused"},
		{sqlfault.PostgreSQL, errors.New("sql: statement is closed"), true, "a prepared statement is gone"},
		{sqlfault.PostgreSQL, errors.New("sql: Scan error on column index 0"), false, "replace it"},
		{sqlfault.MySQL, errDeadlock, true, "busy"},
		{sqlfault.MySQL, mysql(1205, "Lock wait timeout"), true, "busy"},
		{sqlfault.MySQL, mysql(1615, ""), true, "a prepared statement"},
		{sqlfault.MySQL, mysql(1146, ""), false, "no table tbl: make it"},
		{sqlfault.MySQL, mysql(1054, ""), false, "replace it"},
		{sqlfault.MySQL, mysql(1045, ""), false, "password"},
		{sqlfault.MySQL, mysql(1049, ""), false, "no such database"},
		{sqlfault.MySQL, mysql(1142, ""), false, "privilege"},
		{sqlfault.MySQL, mysql(1290, ""), false, "read-only"},
		{sqlfault.MySQL, mysql(1047, "WSREP has not yet prepared node for application use"), false, "read-only"},
		{sqlfault.MySQL, mysql(1047, "Unknown command"), false, ": Error 1047"},
		{sqlfault.MySQL, mysql(1089, ""), false, "replace it"},
		{sqlfault.MySQL, mysql(1114, ""), false, "is full"},
		{sqlfault.MySQL, mysql(1153, ""), false, "max_allowed_packet"},
		{sqlfault.MySQL, mysql(1105, "longer than 'max_allowed_packet' bytes"), false, "larger than the database takes"},
		{sqlfault.MySQL, mysql(1105, "something else"), false, ": Error 1105"},
		{sqlfault.MySQL, errors.New("Error 1040: Too many connections"), false, "no connection left"},
		{sqlfault.MySQL, errors.New("invalid connection"), false, ": invalid connection"},
		{sqlfault.SQLite, sqlite("database is locked"), true, "busy"},
		{sqlfault.SQLite, sqlite("no such table: tbl"), false, "no table tbl: make it"},
		{sqlfault.SQLite, sqlite("no such column: id"), false, "replace it"},
		{sqlfault.SQLite, sqlite("attempt to write a readonly database"), false, "read-only"},
		{sqlfault.SQLite, sqlite("database or disk is full"), false, "is full"},
		{sqlfault.SQLite, sqlite("string or blob too big"), false, "larger than the database takes"},
		{sqlfault.SQLite, sqlite("unable to open database file"), false, "cannot be opened"},
		{sqlfault.SQLite, sqlite("disk I/O error"), false, ": disk I/O error"},
	} {
		t.Run(test.err.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				err := store(test.fault).Retry(t.Context(), "save", func() error {
					tries++
					return fmt.Errorf("wrapped: %w", test.err)
				})
				if !errors.Is(err, test.err) || !strings.HasPrefix(err.Error(), "pkg: save: ") || !strings.Contains(err.Error(), test.says) {
					t.Errorf("error %v, want one that says %q", err, test.says)
				}
				if again := tries > 1; again != test.again {
					t.Errorf("tried %d times", tries)
				}
			})
		})
	}
}

func TestRetryEndsWithSuccessOrItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		err := store(sqlfault.MySQL).Retry(t.Context(), "save", func() error {
			if tries++; tries < 3 {
				return errDeadlock
			}
			return nil
		})
		if err != nil || tries != 3 {
			t.Errorf("error %v after %d tries", err, tries)
		}

		ctx, cancel := context.WithCancel(t.Context())
		tries = 0
		err = store(sqlfault.MySQL).Retry(ctx, "save", func() error {
			tries++
			cancel()
			return errDeadlock
		})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, errDeadlock) || tries != 1 {
			t.Errorf("error %v after %d tries", err, tries)
		}
	})
}

func TestR102_ReadOnlyIsTriedAgainOnOtherConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errReadOnly := errors.New("Error 1290 (HY000): The MySQL server is running with the --super-read-only option")
		s, stale := store(sqlfault.MySQL), 3
		s.Discard = func(context.Context) { stale-- }
		run := func() error {
			if stale > 0 {
				return errReadOnly
			}
			return nil
		}
		if err := s.Retry(t.Context(), "save", run); err != nil || stale != 0 {
			t.Errorf("error %v, %d connections are stale", err, stale)
		}
		stale = 100
		if err := s.Retry(t.Context(), "save", run); !errors.Is(err, errReadOnly) || stale != 92 {
			t.Errorf("error %v, discarded %d times; want 8 times", err, 100-stale)
		}
	})
}
