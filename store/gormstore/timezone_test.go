package gormstore_test

import (
	"errors"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

// The databases' clocks are far from UTC, and at least one of them from the
// zone of the process.
func TestExpiryIsRightInAnyTimeZoneOfTheDatabase(t *testing.T) {
	for _, zone := range []string{"+09:00", "-11:00"} {
		for _, e := range []engine{
			{name: "PostgreSQL", dialector: func(t testing.TB) gorm.Dialector {
				config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
				ok(t, err)
				config.RuntimeParams["timezone"] = zone
				return postgres.New(postgres.Config{Conn: stdlib.OpenDB(*config)})
			}},
			{name: "MariaDB", dialector: mySQL(testserver.MariaDB, func(c *driver.Config) {
				c.Params = map[string]string{"time_zone": "'" + zone + "'"}
			})},
		} {
			t.Run(e.name+" at "+zone, func(t *testing.T) {
				ctx := t.Context()
				st := migrated(t, e.open(t), gormstore.Options{})
				now := time.Now().Truncate(time.Millisecond)
				for id, expires := range map[string]time.Time{"dead": now.Add(-time.Second), "live": now.Add(time.Minute)} {
					ok(t, st.Create(ctx, store.Record{ID: id, Expires: expires}))
				}
				if _, err := st.Load(ctx, "dead"); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("Load of what expired a second ago: %v", err)
				}
				r, err := st.Load(ctx, "live")
				if err != nil || !r.Expires.Equal(now.Add(time.Minute)) {
					t.Errorf("Load of what expires in a minute: expires %v, error %v; want %v", r.Expires, err, now.Add(time.Minute))
				}
				if n, err := st.Sweep(ctx, 10); n != 1 || err != nil {
					t.Errorf("Sweep removed %d, error %v; want 1", n, err)
				}
			})
		}
	}
}
